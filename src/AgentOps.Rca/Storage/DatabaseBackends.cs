using AgentOps.Rca.Artifacts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Storage;

/// <summary>Shows databases in the form that every backend has, and closes their connections when the provider is disposed.</summary>
internal sealed partial class DatabaseBackends(ILogger<DatabaseBackends> logger) : IDisposable, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<DatabaseBackend> _opened = [];

    public StorageBackend Adopt(DatabaseBackend backend)
    {
        lock (_gate)
        {
            _opened.Add(backend);
        }

        return new StorageBackend
        {
            Name = backend.Description,
            Incidents = _ => backend.Incidents,
            Spans = _ => backend.Spans,
            Artifacts = _ => backend.Artifacts,
            Contents = _ => backend.Contents,
            Prepare = async (services, cancellationToken) =>
            {
                if (await backend.PrepareAsync(services.GetShared<IArtifactContentStore>(), cancellationToken).ConfigureAwait(false) is { } warning)
                {
                    LogWarning(warning);
                }
            },
            FindFault = async (_, cancellationToken) =>
                await backend.CheckAsync(cancellationToken).ConfigureAwait(false) is { IsHealthy: false } health ? health.Sentence : null,
            FindWarning = (_, cancellationToken) => backend.FindWarningAsync(cancellationToken),
        };
    }

    public void Dispose()
    {
        foreach (var backend in TakeAll())
        {
            backend.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var backend in TakeAll())
        {
            await backend.DisposeAsync().ConfigureAwait(false);
        }
    }

    private DatabaseBackend[] TakeAll()
    {
        lock (_gate)
        {
            var opened = _opened.ToArray();
            _opened.Clear();
            return opened;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Warning}")]
    private partial void LogWarning(string warning);
}
