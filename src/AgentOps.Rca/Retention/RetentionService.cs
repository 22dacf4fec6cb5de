using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Retention;

/// <summary>Deletes spans without an incident once they are old, in small batches. Several hosts may do it at the same time.</summary>
internal sealed partial class RetentionService(
    ISpanRetention spans,
    IOptions<RetentionOptions> options,
    RcaTelemetry telemetry,
    TimeProvider timeProvider,
    ILogger<RetentionService> logger)
    : BackgroundService
{
    public override Task StartAsync(CancellationToken cancellationToken) =>
        MissingSpanAbilities.FindProblem(spans, nameof(ISpanRetention), "DropBaselineAfter") is { } problem
            ? throw new StoreSetupException(problem)
            : base.StartAsync(cancellationToken);

    /// <summary>Deletes what is too old now.</summary>
    /// <returns>How many spans were deleted.</returns>
    public async ValueTask<long> SweepAsync(CancellationToken cancellationToken)
    {
        var settings = options.Value;
        if (settings.BaselineAge is not { } age)
        {
            return 0;
        }

        var total = 0L;
        foreach (var (fromTs, toTs) in EpochRanges.Before(timeProvider.GetUtcNow() - age))
        {
            while (await spans.DeleteBaselineAsync(fromTs, toTs, settings.BatchSize, cancellationToken).ConfigureAwait(false) is > 0 and var deleted)
            {
                total += deleted;
                telemetry.AddDeletedSpans(deleted);
                await Task.Delay(settings.Pause, timeProvider, cancellationToken).ConfigureAwait(false);
            }
        }

        return total;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.BaselineAge is null)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.Value.Interval, timeProvider);
        do
        {
            try
            {
                if (await SweepAsync(stoppingToken).ConfigureAwait(false) is > 0 and var deleted)
                {
                    LogDeleted(deleted);
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

    [LoggerMessage(1, LogLevel.Information, "Deleted {Count} old spans that belong to no incident.")]
    private partial void LogDeleted(long count);

    [LoggerMessage(2, LogLevel.Warning, "Old spans are deleted later. {Reason}")]
    private partial void LogPutOff(string reason);
}
