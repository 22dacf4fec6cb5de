using AgentOps.Rca.Analysis;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Detection;

/// <summary>
/// Watches the spans that are stored. When a run of an agent has ended and its trace has settled, the rules judge it; a run that breaks
/// one gets an incident with all spans of its trace, an analysis, and those who asked are told.
/// </summary>
internal sealed partial class IncidentDetector(
    IIncidentStore incidents,
    ISpanStore spans,
    ISpanLinker linker,
    RcaAnalyzer analyzer,
    IncidentWebhook webhook,
    IOptions<IncidentDetectionOptions> options,
    TimeProvider timeProvider,
    ILogger<IncidentDetector> logger) : BackgroundService, ISpanObserver
{
    private const int MostSpans = 200_000;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly PendingTraces _pending = new(timeProvider);

    public void OnStored(IReadOnlyList<Span> spans)
    {
        foreach (var span in spans)
        {
            if (span.IncidentId is null && TraceOf(span.SpanId) is { } trace
                && (span.Tool.StartsWith(ToolNames.AgentRunPrefix, StringComparison.Ordinal) || _pending.HasIncident(trace)))
            {
                _pending.Add(trace, options.Value.Settle);
            }
        }
    }

    /// <summary>Judges the runs of a trace and opens the incidents they call for.</summary>
    internal async ValueTask JudgeAsync(string traceId, CancellationToken cancellationToken)
    {
        List<Span> trace = [];
        await foreach (var span in linker.ListTraceAsync(traceId, cancellationToken))
        {
            if (trace.Count == MostSpans)
            {
                LogCut(traceId, MostSpans);
                break;
            }

            trace.Add(span);
        }

        foreach (var run in EndedRun.In(trace))
        {
            var findings = IncidentRules.Judge(options.Value, run);
            if (findings.Count > 0 && (run.Root.IncidentId is null || run.Root.IncidentId == IncidentOpening.IdOf(run.Root.SpanId).ToString("D")))
            {
                await OpenAsync(traceId, run, findings, cancellationToken);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await LookBackAsync(stoppingToken);
        using var timer = new PeriodicTimer(Tick, timeProvider);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            while (_pending.Take() is { } traceId)
            {
                await TryJudgeAsync(traceId, stoppingToken);
            }
        }
    }

    private static string? TraceOf(string spanId) => spanId.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? spanId[..colon] : null;

    private async Task TryJudgeAsync(string traceId, CancellationToken cancellationToken)
    {
        try
        {
            await JudgeAsync(traceId, cancellationToken);
        }
        catch (StoreUnavailableException exception)
        {
            LogPutOff(traceId, exception.Message);
            _pending.Add(traceId, exception.RetryAfter);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A rule or callback of the user's own may throw anything; the other runs must still be judged.
            LogFailed(traceId, exception);
        }
    }

    // Runs whose spans were stored while no host was there to judge them.
    private async Task LookBackAsync(CancellationToken cancellationToken)
    {
        if (options.Value.LookBack == TimeSpan.Zero)
        {
            return;
        }

        try
        {
            var from = EpochUnit.FromInstant(timeProvider.GetUtcNow() - options.Value.LookBack);
            await foreach (var span in spans.ListAsync(new SpanQuery { WithoutIncident = true, FromTs = from }, cancellationToken))
            {
                OnStored([span]);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNoLookBack(exception.Message);
        }
    }

    private async ValueTask OpenAsync(
        string traceId, EndedRun run, IReadOnlyList<IncidentFinding> findings, CancellationToken cancellationToken)
    {
        var incident = IncidentOpening.Of(run, findings, options.Value);
        var isNew = await incidents.AddAsync(incident, cancellationToken) == WriteOutcome.Added;
        var free = run.Spans.Where(static span => span.IncidentId is null).Select(static span => span.SpanId).ToList();
        if (free.Count > 0)
        {
            await linker.LinkAsync(incident.Id.ToString("D"), free, cancellationToken);
        }

        _pending.Remember(traceId);

        // Told by the host that opened it; a host that stopped in between leaves its run unlinked, and the next look back goes on with it.
        if (!isNew && run.Root.IncidentId is not null)
        {
            return;
        }

        LogOpened(incident.Id, run.Root.Tool, findings[0].Sentence);
        var stored = isNew ? incident : await incidents.GetAsync(incident.Id, cancellationToken) ?? incident;
        var report = options.Value.Analyze ? await AnalyzeAsync(stored.Id, cancellationToken) : null;
        var detected = new DetectedIncident(stored, run.Root.SpanId, findings, report);
        await webhook.SendAsync(detected, cancellationToken);
        if (options.Value.OnDetected is { } callback)
        {
            await callback(detected, cancellationToken);
        }
    }

    private async ValueTask<RcaReport?> AnalyzeAsync(Guid incidentId, CancellationToken cancellationToken)
    {
        var outcome = await analyzer.AnalyzeAsync(
            new RcaRequest { IncidentId = incidentId, Engine = options.Value.Engine }, progress: null, cancellationToken);
        if (outcome is RcaOutcome.Completed completed)
        {
            return completed.Report;
        }

        LogNotAnalyzed(incidentId, outcome.GetType().Name);
        return null;
    }

    [LoggerMessage(1, LogLevel.Warning, "Opened incident {IncidentId} for a run of {Agent}. {Sentence}")]
    private partial void LogOpened(Guid incidentId, string agent, string sentence);

    [LoggerMessage(2, LogLevel.Warning, "Incident {IncidentId} was not analysed: {Outcome}.")]
    private partial void LogNotAnalyzed(Guid incidentId, string outcome);

    [LoggerMessage(3, LogLevel.Warning, "The runs of trace {TraceId} are judged later, since the store cannot be reached now. {Reason}")]
    private partial void LogPutOff(string traceId, string reason);

    [LoggerMessage(4, LogLevel.Error, "The runs of trace {TraceId} could not be judged.")]
    private partial void LogFailed(string traceId, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "Trace {TraceId} has more than {Most} spans; its rules see the first of them.")]
    private partial void LogCut(string traceId, int most);

    [LoggerMessage(6, LogLevel.Warning, "Runs that ended before the start are not judged, since the store cannot be reached now. {Reason}")]
    private partial void LogNoLookBack(string reason);
}
