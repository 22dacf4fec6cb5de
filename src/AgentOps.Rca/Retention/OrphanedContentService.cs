using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Retention;

/// <summary>Deletes old content that no row points to. Several hosts may do it at the same time.</summary>
internal sealed partial class OrphanedContentService(
    IServiceProvider services,
    IOptions<RetentionOptions> options,
    RcaTelemetry telemetry,
    TimeProvider timeProvider,
    ILogger<OrphanedContentService> logger)
    : BackgroundService
{
    /// <summary>Looks at all content once, and deletes what is orphaned and too old now.</summary>
    /// <returns>How many contents were deleted.</returns>
    /// <exception cref="StoreUnavailableException">A store is down, or does not show the rows that were written to it.</exception>
    public async ValueTask<long> SweepAsync(CancellationToken cancellationToken)
    {
        var settings = options.Value;
        var rows = services.GetShared<IArtifactStore>();
        if (settings.OrphanedContentAge is not { } age
            || services.GetShared<IArtifactContentStore>() is not IArtifactContentRetention contents)
        {
            return 0;
        }

        await ProveRowsAreVisibleAsync(rows, cancellationToken).ConfigureAwait(false);
        var collected = 0L;
        await foreach (var batch in contents.ListOldAsync(age, cancellationToken).Chunk(settings.BatchSize).WithCancellation(cancellationToken))
        {
            var orphans = batch.ToHashSet();
            await foreach (var row in rows.FindAsync(batch, cancellationToken).ConfigureAwait(false))
            {
                orphans.Remove(row.Digest);
            }

            foreach (var digest in orphans)
            {
                if (await contents.CollectAsync(digest, age, rows, cancellationToken).ConfigureAwait(false))
                {
                    collected++;
                    telemetry.AddCollectedContent();
                    LogCollected(digest);
                }
            }

            await Task.Delay(settings.Pause, timeProvider, cancellationToken).ConfigureAwait(false);
        }

        return collected;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.OrphanedContentAge is null)
        {
            return;
        }

        if (services.GetShared<IArtifactContentStore>() is var contents and not IArtifactContentRetention)
        {
            LogNotSupported(contents.GetType().Name);
            return;
        }

        using var timer = new PeriodicTimer(options.Value.ContentInterval, timeProvider);
        do
        {
            try
            {
                if (await SweepAsync(stoppingToken).ConfigureAwait(false) is > 0 and var collected)
                {
                    LogSwept(collected);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The next look tries again; nothing here is worth stopping the host for.
                LogPutOff(exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    // Where row level security hides rows, or a table was emptied by mistake of its rights, all content would look orphaned.
    private async ValueTask ProveRowsAreVisibleAsync(IArtifactStore rows, CancellationToken cancellationToken)
    {
        if (services.GetService<StorageBackend>() is { } backend && await backend.FindFaultAsync(cancellationToken).ConfigureAwait(false) is { } fault)
        {
            throw new StoreUnavailableException(fault);
        }

        var vault = services.GetRequiredService<ArtifactVault>();
        await vault.PutAsync(ReadOnlyMemory<byte>.Empty, "application/octet-stream", cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!await rows.FindAsync([ArtifactDigest.Empty], cancellationToken).AnyAsync(cancellationToken).ConfigureAwait(false))
        {
            throw new StoreUnavailableException("The row of an artifact that was just written cannot be found, so nothing tells what is orphaned.");
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Deleted {Count} contents that no artifact points to.")]
    private partial void LogSwept(long count);

    [LoggerMessage(2, LogLevel.Debug, "Deleted the content {Digest}: no artifact points to it.")]
    private partial void LogCollected(ArtifactDigest digest);

    [LoggerMessage(3, LogLevel.Warning, "Orphaned content is collected later. {Reason}")]
    private partial void LogPutOff(string reason);

    [LoggerMessage(4, LogLevel.Warning, "Orphaned content is not collected: {Store} cannot do it.")]
    private partial void LogNotSupported(string store);
}
