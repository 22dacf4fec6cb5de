using AgentOps.Rca.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Tenancy;

/// <summary>A tenant that is open: its services, and what works in its background.</summary>
internal sealed partial class OpenTenant : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly ILogger _logger;
    private readonly RcaTenant _tenant;
    private readonly List<IHostedService> _started = [];

    private OpenTenant(RcaTenant tenant, ServiceProvider services, ILogger logger)
    {
        _tenant = tenant;
        _services = services;
        _logger = logger;
    }

    public IServiceProvider Services => _services;

    /// <summary>Starts what the host would start.</summary>
    /// <exception cref="Exception">Something of it cannot start; nothing is left running.</exception>
    public static async Task<OpenTenant> StartAsync(RcaTenant tenant, ServiceProvider services, ILogger logger, CancellationToken cancellationToken)
    {
        var open = new OpenTenant(tenant, services, logger);
        try
        {
            foreach (var service in services.GetServices<IHostedService>())
            {
                await service.StartAsync(cancellationToken).ConfigureAwait(false);
                open._started.Add(service);
                if (service is BackgroundService { ExecuteTask: { } work })
                {
                    _ = open.WatchAsync(work);
                }
            }

            return open;
        }
        catch
        {
            await open.StopAsync(CancellationToken.None).ConfigureAwait(false);
            await open.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops what was started, the last first.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var service in Enumerable.Reverse(_started))
        {
            try
            {
                await service.StopAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                LogNotStopped(_tenant.Name, failure);
            }
        }

        _started.Clear();
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    // One tenant's trouble ends no host.
    private async Task WatchAsync(Task work)
    {
        try
        {
            await work.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It was stopped.
        }
        catch (Exception failure)
        {
            LogFailed(_tenant.Name, failure);
        }
    }

    [LoggerMessage(LogLevel.Error, "Background work of the tenant {Tenant} has failed and does not go on until the host starts again.")]
    private partial void LogFailed(string tenant, Exception failure);

    [LoggerMessage(LogLevel.Warning, "Background work of the tenant {Tenant} did not stop in order.")]
    private partial void LogNotStopped(string tenant, Exception failure);
}
