using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Storage.Scoped;

/// <summary>Calls a service that lives in a scope: each call in a scope of its own, so that calls at the same time do not meet.</summary>
internal sealed class ScopedCalls<TService>(IServiceScopeFactory scopes)
    where TService : notnull
{
    /// <summary>Makes one call.</summary>
    public async ValueTask<T> RunAsync<T>(Func<TService, ValueTask<T>> call)
    {
        var scope = scopes.CreateAsyncScope();
        await using var scopeDisposal = scope.ConfigureAwait(false);
        return await call(scope.ServiceProvider.GetRequiredService<TService>()).ConfigureAwait(false);
    }

    /// <summary>Makes one call that answers nothing.</summary>
    public async ValueTask RunAsync(Func<TService, ValueTask> call)
    {
        var scope = scopes.CreateAsyncScope();
        await using var scopeDisposal = scope.ConfigureAwait(false);
        await call(scope.ServiceProvider.GetRequiredService<TService>()).ConfigureAwait(false);
    }

    /// <summary>Lists in a scope that lasts until the listing ends.</summary>
    public async IAsyncEnumerable<T> ListAsync<T>(
        Func<TService, CancellationToken, IAsyncEnumerable<T>> list, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var scope = scopes.CreateAsyncScope();
        await using var scopeDisposal = scope.ConfigureAwait(false);
        await foreach (var item in list(scope.ServiceProvider.GetRequiredService<TService>(), cancellationToken).ConfigureAwait(false))
        {
            yield return item;
        }
    }

    /// <summary>Opens what holds its scope until it is closed.</summary>
    public async ValueTask<ScopedStream?> OpenAsync(Func<TService, ValueTask<Stream?>> open)
    {
        var scope = scopes.CreateAsyncScope();
        try
        {
            if (await open(scope.ServiceProvider.GetRequiredService<TService>()).ConfigureAwait(false) is { } stream)
            {
                return new ScopedStream(stream, scope);
            }
        }
        catch
        {
            await scope.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        await scope.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    /// <summary>Whether the service is of another type, too.</summary>
    public bool Is<TOther>()
    {
        var scope = scopes.CreateAsyncScope();
        try
        {
            return scope.ServiceProvider.GetRequiredService<TService>() is TOther;
        }
        finally
        {
            // Contexts of databases end at once; this is asked once, when the services are made.
            scope.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }
}
