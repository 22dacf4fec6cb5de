using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Detection;

/// <summary>
/// Watches the spans that are stored. When a run of an agent has ended and its spans have settled, the rules judge it; a run that breaks
/// one gets an incident with all its spans, which is then seen through.
/// </summary>
internal sealed partial class IncidentDetector(
    [FromKeyedServices(SharedStores.Key)] IIncidentStore incidents,
    [FromKeyedServices(SharedStores.Key)] ISpanStore spans,
    RunSpans runs,
    IncidentFollowUp followUp,
    IEnumerable<IRunFindings> steps,
    IOptions<IncidentDetectionOptions> options,
    TimeProvider timeProvider,
    ILogger<IncidentDetector> logger) : BackgroundService, ISpanObserver
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly PendingRuns _pending = new(timeProvider);
    private readonly RunWatch _watch = new(timeProvider);

    public void OnStored(IReadOnlyList<Span> spans)
    {
        var count = 0;
        foreach (var span in spans)
        {
            if (span.IncidentId is not null || !ToolNames.IsEvidence(span.Tool))
            {
                continue;
            }

            count++;
            if (KeyToJudge(span) is { } key && !_pending.Add(key, options.Value.Settle) && _pending.IsDropTold)
            {
                LogFull(_pending.Dropped);
            }
        }

        if (count > 0)
        {
            _watch.Count(count);
        }
    }

    public override Task StartAsync(CancellationToken cancellationToken) =>
        runs.FindProblem() is { } problem ? throw new StoreSetupException(problem) : base.StartAsync(cancellationToken);

    /// <summary>Judges the runs under a key (see <see cref="RunSpans.KeyOf"/>) and opens the incidents they call for.</summary>
    internal async ValueTask JudgeAsync(string key, CancellationToken cancellationToken)
    {
        // A span that is stored after the runs were read, and before they are remembered, is neither read nor taken for a late one. So
        // they are read once more after that; nobody else would look for it.
        while (await JudgeOnceAsync(key, cancellationToken).ConfigureAwait(false))
        {
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(LookBackAsync(stoppingToken), JudgeSettledAsync(stoppingToken));

    private async ValueTask<bool> JudgeOnceAsync(string key, CancellationToken cancellationToken)
    {
        var isNewlyRemembered = false;
        foreach (var run in await runs.ReadAsync(key, cancellationToken).ConfigureAwait(false))
        {
            _watch.Found();
            if (IncidentOf(run) is not { } incidentId)
            {
                continue;
            }

            if (incidentId != IncidentOpening.IdOf(run.Root.SpanId))
            {
                // A part of it was judged as a run of its own, before the span above it came.
                await runs.LinkAsync(incidentId, run, cancellationToken).ConfigureAwait(false);
                isNewlyRemembered |= _pending.Remember(RunSpans.IsTrace(key) ? key : run.Root.SpanId);
            }
            else if (await JudgeAsync(run, cancellationToken).ConfigureAwait(false) is { Count: > 0 } findings)
            {
                await OpenAsync(run, findings, cancellationToken).ConfigureAwait(false);
                isNewlyRemembered |= _pending.Remember(RunSpans.IsTrace(key) ? key : run.Root.SpanId);
            }
        }

        return isNewlyRemembered;
    }

    // The incident that the run has or may get; null when its span came with one.
    private static Guid? IncidentOf(EndedRun run)
    {
        var own = IncidentOpening.IdOf(run.Root.SpanId);
        if (run.Root.IncidentId is { } given)
        {
            return given == own.ToString("D") ? own : null;
        }

        return run.Spans.Where(static span => span.IncidentId is not null)
            .Select(static span => (Id: IncidentOpening.IdOf(span.SpanId), span.IncidentId))
            .Where(static span => span.IncidentId == span.Id.ToString("D")).Select(static span => (Guid?)span.Id).FirstOrDefault() ?? own;
    }

    // What its steps show costs more to find than a rule to ask, and adds nothing to a run that has its incident.
    private async ValueTask<IReadOnlyList<IncidentFinding>> JudgeAsync(EndedRun run, CancellationToken cancellationToken)
    {
        var findings = IncidentRules.Judge(options.Value, run);
        foreach (var step in findings.Count == 0 && run.Root.IncidentId is null ? steps : [])
        {
            findings = [.. findings, .. await step.FindAsync(run, cancellationToken).ConfigureAwait(false)];
        }

        return findings;
    }

    private async Task JudgeSettledAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Tick, timeProvider);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            while (_pending.Take() is { } key)
            {
                await TryJudgeAsync(key, cancellationToken).ConfigureAwait(false);
            }

            if (_watch.Missed() is { } missed)
            {
                LogNoRun(missed);
            }
        }
    }

    private string? KeyToJudge(Span span)
    {
        var key = RunSpans.KeyOf(span.SpanId);
        return runs.Kinds.IsRun(span) || RunKinds.IsOuterRun(span) || _pending.HasIncident(key) || (RunSpans.IsTrace(key) && _watch.MayEnd(span, key)) ? key
            : span.ParentId is { } parent && !RunSpans.IsTrace(key) && _pending.HasIncident(parent) ? parent
            : null;
    }

    private async Task TryJudgeAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await JudgeAsync(key, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException exception) when (!exception.IsPermanent)
        {
            LogPutOff(key, exception.Message);
            if (!_pending.Add(key, exception.RetryAfter) && _pending.IsDropTold)
            {
                LogFull(_pending.Dropped);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A rule of the user's own may throw anything; the other runs must still be judged.
            LogFailed(key, exception);
        }
    }

    // Runs whose spans were stored while no host was there to judge them. A long run began before the window, so what it called counts too.
    private async Task LookBackAsync(CancellationToken cancellationToken)
    {
        if (options.Value.LookBack == TimeSpan.Zero)
        {
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            foreach (var (fromTs, toTs) in EpochRanges.Since(timeProvider.GetUtcNow() - options.Value.LookBack))
            {
                await foreach (var span in spans.ListAsync(new SpanQuery { WithoutIncident = true, FromTs = fromTs, ToTs = toTs }, cancellationToken).ConfigureAwait(false))
                {
                    if (IsOfAgent(span) && seen.Add(RunSpans.KeyOf(span.SpanId)))
                    {
                        await TryJudgeAsync(RunSpans.KeyOf(span.SpanId), cancellationToken).ConfigureAwait(false);
                    }
                }
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNoLookBack(exception.Message);
        }
    }

    private bool IsOfAgent(Span span) => runs.Kinds.IsRun(span) || RunKinds.IsOuterRun(span) || RunKinds.IsStep(span);

    private async ValueTask OpenAsync(EndedRun run, IReadOnlyList<IncidentFinding> findings, CancellationToken cancellationToken)
    {
        var incident = IncidentOpening.Of(run, findings, options.Value);
        var isNew = await incidents.AddAsync(incident, cancellationToken).ConfigureAwait(false) == WriteOutcome.Added;
        await runs.LinkAsync(incident.Id, run, cancellationToken).ConfigureAwait(false);

        // Seen through by the host that opened it; should that one stop, the incident is found by what its record lacks.
        if (isNew || run.Root.IncidentId is null)
        {
            LogOpened(incident.Id, run.Root.Tool, findings[0].Sentence);
            followUp.Add(incident.Id);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Opened incident {IncidentId} for a run of {Agent}. {Sentence}")]
    private partial void LogOpened(Guid incidentId, string agent, string sentence);

    [LoggerMessage(2, LogLevel.Warning,
        "{Spans} spans came in the first minute and no run of an agent is among them, so no rule was asked. A run is a span agent.run/… "
        + "(OpenTelemetry: gen_ai.operation.name is invoke_agent), the outermost span of a known framework, or the request within which a service "
        + "calls both a model and tools. Give the names of your own in DetectIncidents:Runs.")]
    private partial void LogNoRun(long spans);

    [LoggerMessage(3, LogLevel.Warning, "The runs of {Key} are judged later, since the store cannot be reached now. {Reason}")]
    private partial void LogPutOff(string key, string reason);

    [LoggerMessage(4, LogLevel.Error, "The runs of {Key} could not be judged.")]
    private partial void LogFailed(string key, Exception exception);

    [LoggerMessage(6, LogLevel.Warning, "Not all runs that ended before the start are judged, since the store cannot be reached now. {Reason}")]
    private partial void LogNoLookBack(string reason);

    [LoggerMessage(7, LogLevel.Warning, "Too many runs wait to be judged; {Dropped} were left out since the start.")]
    private partial void LogFull(long dropped);
}
