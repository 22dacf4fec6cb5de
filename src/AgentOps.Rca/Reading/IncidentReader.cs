using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Kpis;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>The read models of incidents over the stores.</summary>
internal sealed class IncidentReader(
    IIncidentStore incidents, ISpanStore spans, ArtifactVault artifacts, KpiReader kpis, IReplayer replayer, TimeProvider timeProvider) : IIncidentReader
{
    private readonly OverviewReader _overview = new(incidents, spans, timeProvider);
    private readonly EvidenceReader _evidence = new(incidents, spans, artifacts);
    private readonly PostmortemReader _postmortem = new(incidents, spans, artifacts, kpis, replayer);

    public ValueTask<IncidentOverviewPage> ListAsync(IncidentOverviewQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _overview.ReadAsync(query, cancellationToken);
    }

    public ValueTask<EvidenceOutcome> ReadEvidenceAsync(EvidenceQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _evidence.ReadAsync(query, cancellationToken);
    }

    public ValueTask<PostmortemOutcome> WritePostmortemAsync(PostmortemQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _postmortem.WriteAsync(query, cancellationToken);
    }
}
