using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;

namespace AgentOps.Rca.Spans.Ingest;

/// <summary>Makes the intake of each body of spans, with all that a host has to bring them where they belong.</summary>
internal sealed class SpanIngests(
    ISpanIntake intake, ISpanStore spans, IArtifactStore artifacts, IIncidentStore incidents, ISpanLinker? linker, SpanLogLinks links)
{
    /// <summary>The intake of one body.</summary>
    public SpanIngest Start() => new(intake, artifacts)
    {
        // A store of the host's own may have no way to link.
        Orders = linker is null ? null : new SpanOrderLinks(incidents, spans, linker, links),
    };
}
