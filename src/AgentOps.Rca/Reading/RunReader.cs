using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>The read models of runs over the stores.</summary>
internal sealed class RunReader : IRunReader
{
    private readonly StepsReader _steps;

    public RunReader(IIncidentStore incidents, ISpanStore spans, ArtifactVault artifacts)
    {
        var tables = new SpanTables(spans);
        _steps = new StepsReader(incidents, spans, artifacts, tables);
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
}
