using System.Collections.Concurrent;
using System.Threading.Channels;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Detection;

/// <summary>
/// Sees incidents that a rule opened through: links their spans, analyses them, tells those who asked, and records that as a span. What has
/// no such span is taken up again, at the start and from time to time, by whichever host claims it: a host that dies loses nothing.
/// </summary>
internal sealed partial class IncidentFollowUp(
    [FromKeyedServices(SharedStores.Key)] IIncidentStore incidents,
    [FromKeyedServices(SharedStores.Key)] ISpanStore spans,
    ISpanIntake intake,
    FollowUpClaims claims,
    RunSpans runs,
    IRcaAnalyzer analyzer,
    IRcaReports reports,
    IncidentWebhook webhook,
    IOptions<IncidentDetectionOptions> options,
    TimeProvider timeProvider,
    ILogger<IncidentFollowUp> logger) : BackgroundService
{
    private const int MostWaiting = 20_000;
    private const int Deliveries = 4;

    // A record is written some time after the incident's run has ended.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private readonly Channel<Guid> _toAnalyze = Channel.CreateBounded<Guid>(MostWaiting);
    private readonly Channel<Guid> _toTell = Channel.CreateBounded<Guid>(MostWaiting);
    private readonly ConcurrentDictionary<Guid, bool> _underway = new();
    // Analysed and called back for, not yet recorded: neither is repeated because the webhook is.
    private readonly ConcurrentDictionary<Guid, bool> _analyzed = new();

    /// <summary>How many incidents are waiting or being worked on.</summary>
    internal int Underway => _underway.Count;

    /// <summary>Takes an incident up, unless it is under way. What does not fit is found again later.</summary>
    public void Add(Guid incidentId)
    {
        if (_underway.TryAdd(incidentId, true) && !_toAnalyze.Writer.TryWrite(incidentId))
        {
            _underway.TryRemove(incidentId, out _);
        }
    }

    /// <summary>Takes up the incidents of the past that are not recorded as seen through.</summary>
    /// <param name="cancellationToken">Stops the search.</param>
    internal async ValueTask TakeUpAsync(CancellationToken cancellationToken)
    {
        // One that ran out of time while no host was there gets a last attempt; what is older still is left alone.
        var now = timeProvider.GetUtcNow();
        var from = now - (2 * options.Value.DeliverFor);
        var told = new HashSet<Guid>();
        var records = new SpanQuery { Tool = ToolNames.Notification, FromTs = EpochUnit.Microseconds(from - Margin) };
        await foreach (var span in spans.ListAsync(records, cancellationToken).ConfigureAwait(false))
        {
            if (NotificationSpan.Read(span) is { } incidentId)
            {
                told.Add(incidentId);
            }
        }

        await foreach (var incident in incidents.ListAsync(new IncidentQuery(), cancellationToken).ConfigureAwait(false))
        {
            if (incident.CreatedTs < from)
            {
                break;
            }

            if (!told.Contains(incident.Id) && IncidentOpening.Read(incident) is not null)
            {
                Add(incident.Id);
            }
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
    [
        SearchAsync(stoppingToken),
        WorkAsync(_toAnalyze.Reader, AnalyzeAsync, stoppingToken),
        .. Enumerable.Range(0, Deliveries).Select(_ => WorkAsync(_toTell.Reader, TellAsync, stoppingToken)),
    ]);

    private async Task SearchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.Value.RetryInterval, timeProvider);
        do
        {
            try
            {
                await TakeUpAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogNoSearch(exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
    }

    private async Task WorkAsync(
        ChannelReader<Guid> queue, Func<Guid, CancellationToken, ValueTask<bool>> step, CancellationToken cancellationToken)
    {
        await foreach (var incidentId in queue.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            var goesOn = false;
            try
            {
                goesOn = await step(incidentId, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogPutOff(incidentId, exception);
            }

            if (!goesOn)
            {
                _underway.TryRemove(incidentId, out _);
            }
        }
    }

    private async ValueTask<bool> AnalyzeAsync(Guid incidentId, CancellationToken cancellationToken)
    {
        if (await FindAsync(incidentId, cancellationToken).ConfigureAwait(false) is not { } found)
        {
            _analyzed.TryRemove(incidentId, out _);
            return false;
        }

        if (!await claims.TryAsync(incidentId, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        var claim = claims.Hold(incidentId, cancellationToken);
        await using var claimDisposal = claim.ConfigureAwait(false);
        if (!_analyzed.ContainsKey(incidentId))
        {
            await LinkAsync(found, cancellationToken).ConfigureAwait(false);
            if (options.Value.Analyze && found.Report is null)
            {
                found = found with { Report = await TryAnalyzeAsync(incidentId, cancellationToken).ConfigureAwait(false) };
            }

            _analyzed.TryAdd(incidentId, true);
            await CallBackAsync(found, cancellationToken).ConfigureAwait(false);
        }

        return _toTell.Writer.TryWrite(incidentId);
    }

    private async ValueTask<bool> TellAsync(Guid incidentId, CancellationToken cancellationToken)
    {
        if (await FindAsync(incidentId, cancellationToken).ConfigureAwait(false) is not { } found)
        {
            // Told by another host, and never asked for again.
            _analyzed.TryRemove(incidentId, out _);
            return false;
        }

        if (!await claims.TryAsync(incidentId, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        var claim = claims.Hold(incidentId, cancellationToken);
        await using var claimDisposal = claim.ConfigureAwait(false);
        var from = timeProvider.GetUtcNow();
        var delivery = await webhook.SendAsync(found, cancellationToken).ConfigureAwait(false);
        var now = timeProvider.GetUtcNow();
        if (delivery.Outcome == WebhookOutcome.Failed && now - found.Incident.CreatedTs < options.Value.DeliverFor)
        {
            return false;
        }

        if (delivery.Outcome == WebhookOutcome.Failed)
        {
            LogGivenUp(incidentId);
        }

        var written = await intake.AddAsync([NotificationSpan.Create(incidentId, delivery, from, now)], cancellationToken).ConfigureAwait(false);
        if (written is { Conflicts.Count: > 0 })
        {
            LogToldTwice(incidentId);
        }

        _analyzed.TryRemove(incidentId, out _);
        return false;
    }

    // Null when the incident is seen through already, by this host or another one, or no rule opened it.
    private async ValueTask<DetectedIncident?> FindAsync(Guid incidentId, CancellationToken cancellationToken)
    {
        if (await spans.GetAsync(SpanIds.OfNotification(incidentId), cancellationToken).ConfigureAwait(false) is not null
            || await incidents.GetAsync(incidentId, cancellationToken).ConfigureAwait(false) is not { } incident
            || IncidentOpening.Read(incident) is not { } opening)
        {
            return null;
        }

        RcaReport? report = null;
        await foreach (var latest in reports.ListAsync(incidentId, cancellationToken).ConfigureAwait(false))
        {
            report = latest;
            break;
        }

        return new DetectedIncident(incident, opening.RunSpanId, opening.Findings, report);
    }

    // A host may have stopped after the incident was stored and before all of its spans were linked.
    private async ValueTask LinkAsync(DetectedIncident found, CancellationToken cancellationToken)
    {
        foreach (var run in await runs.ReadAsync(RunSpans.KeyOf(found.RunSpanId), cancellationToken).ConfigureAwait(false))
        {
            if (run.Root.SpanId == found.RunSpanId && (run.Root.IncidentId ?? IdOf(found)) == IdOf(found))
            {
                await runs.LinkAsync(found.Incident.Id, run, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static string IdOf(DetectedIncident found) => found.Incident.Id.ToString("D");

    private async ValueTask<RcaReport?> TryAnalyzeAsync(Guid incidentId, CancellationToken cancellationToken)
    {
        try
        {
            var outcome = await analyzer.AnalyzeAsync(
                new RcaRequest { IncidentId = incidentId, Engine = options.Value.Engine }, progress: null, cancellationToken).ConfigureAwait(false);
            if (outcome is RcaOutcome.Completed completed)
            {
                return completed.Report;
            }

            LogNotAnalyzed(incidentId, outcome.GetType().Name);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is not StoreUnavailableException)
        {
            // Those who asked are told all the same.
            LogAnalysisFailed(incidentId, exception);
        }

        return null;
    }

    private async ValueTask CallBackAsync(DetectedIncident found, CancellationToken cancellationToken)
    {
        try
        {
            if (options.Value.OnDetected is { } callback)
            {
                await callback(found, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogCallbackFailed(found.Incident.Id, exception);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Incident {IncidentId} was not analysed: {Outcome}.")]
    private partial void LogNotAnalyzed(Guid incidentId, string outcome);

    [LoggerMessage(2, LogLevel.Error, "The analysis of incident {IncidentId} failed.")]
    private partial void LogAnalysisFailed(Guid incidentId, Exception exception);

    [LoggerMessage(3, LogLevel.Error, "The callback for incident {IncidentId} failed.")]
    private partial void LogCallbackFailed(Guid incidentId, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "Incident {IncidentId} is seen through later.")]
    private partial void LogPutOff(Guid incidentId, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "Incidents that are not seen through are looked for later. {Reason}")]
    private partial void LogNoSearch(string reason);

    [LoggerMessage(7, LogLevel.Warning, "Incident {IncidentId} was told by another host at the same time; that one's record stays.")]
    private partial void LogToldTwice(Guid incidentId);

    [LoggerMessage(6, LogLevel.Error, "The webhook for incident {IncidentId} is given up; its record tells why.")]
    private partial void LogGivenUp(Guid incidentId);
}
