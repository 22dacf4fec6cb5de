using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Detection;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Reading;

/// <summary>The read models of runs over the stores.</summary>
internal sealed class RunReader : IRunReader
{
    private readonly StepsReader _steps;
    private readonly TimelineReader _timeline;
    private readonly RunSearcher _search;
    private readonly RunSpanReader _spans;
    private readonly ComparisonReader _comparison;
    private readonly GoodRunsReader _goodRuns;

    public RunReader(IIncidentStore incidents, ISpanStore spans, ISpanLinker linker, ArtifactVault artifacts)
    {
        var tables = new SpanTables(spans);
        _steps = new StepsReader(incidents, spans, artifacts, tables);
        _timeline = new TimelineReader(incidents, tables);
        _search = new RunSearcher(incidents, tables);
        _spans = new RunSpanReader(incidents, spans, artifacts, tables);
        var runs = new RunSpans(spans, linker, Options.Create(new IncidentDetectionOptions()), NullLogger<RunSpans>.Instance);
        _comparison = new ComparisonReader(incidents, spans, artifacts, tables, runs);
        _goodRuns = new GoodRunsReader(incidents, spans, tables, runs);
    }

    public ValueTask<RunStepsOutcome> ReadStepsAsync(RunStepsQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _steps.ReadAsync(query, cancellationToken);
    }

    public ValueTask<RunStepOutcome> ReadStepAsync(RunStepQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _steps.ReadAsync(query, cancellationToken);
    }

    public ValueTask<TimelineOutcome> ReadTimelineAsync(TimelineQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _timeline.ReadAsync(query, cancellationToken);
    }

    public ValueTask<RunSearchOutcome> SearchAsync(RunSearchQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _search.ReadAsync(query, cancellationToken);
    }

    public ValueTask<RunSpanOutcome> ReadSpanAsync(RunSpanQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _spans.ReadAsync(query, cancellationToken);
    }

    public ValueTask<CompareOutcome> CompareAsync(CompareQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _comparison.ReadAsync(query, cancellationToken);
    }

    public ValueTask<GoodRunsOutcome> FindGoodRunsAsync(Guid incidentId, CancellationToken cancellationToken = default) =>
        _goodRuns.ReadAsync(incidentId, cancellationToken);
}
