using AgentOps.Rca.Artifacts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Storage;

/// <summary>
/// Brings the chosen backend into working order when the host starts. A backend that is down does not stop the host: the work goes on
/// behind it until it is done, and the readiness endpoint tells. A wrong set-up stops it, whenever it shows.
/// </summary>
internal sealed partial class StoragePreparation(
    IServiceProvider services, TimeProvider timeProvider, ILogger<StoragePreparation> logger) : BackgroundService
{
    /// <summary>How long the start waits for the work.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource _failedOnce = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
        var work = ExecuteTask!;
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var patience = Task.Delay(Patience, timeProvider, waiting.Token);
        if (await Task.WhenAny(work, _failedOnce.Task, patience).ConfigureAwait(false) == patience && !cancellationToken.IsCancellationRequested)
        {
            LogSlow();
        }

        await waiting.CancelAsync().ConfigureAwait(false);
        if (work.IsCompleted)
        {
            await work.ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var backend = services.GetRequiredService<StorageBackend>();
        var contents = services.GetShared<IArtifactContentStore>();
        string? told = null;
        while (true)
        {
            try
            {
                if (await backend.PrepareAsync(contents, stoppingToken).ConfigureAwait(false) is { } warning)
                {
                    LogWarning(warning);
                }

                if (told is not null)
                {
                    LogRecovered(backend.Name);
                }

                return;
            }
            catch (StoreUnavailableException exception)
            {
                if (told != exception.Message)
                {
                    LogNotReady(exception.Message);
                }

                told = exception.Message;
                _failedOnce.TrySetResult();
                await Task.Delay(exception.RetryAfter, timeProvider, stoppingToken).ConfigureAwait(false);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The store is not ready, and requests for it are answered with 503 until it is. {Reason}")]
    private partial void LogNotReady(string reason);

    [LoggerMessage(2, LogLevel.Warning, "Preparing the store takes long; the host starts in the meantime.")]
    private partial void LogSlow();

    [LoggerMessage(4, LogLevel.Warning, "{Warning}")]
    private partial void LogWarning(string warning);

    [LoggerMessage(3, LogLevel.Information, "The store is ready: {Name}.")]
    private partial void LogRecovered(string name);
}
