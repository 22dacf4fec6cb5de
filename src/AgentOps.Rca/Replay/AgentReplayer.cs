using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Replay;

/// <summary>Opens recordings of agents, so that their code can be run again against them.</summary>
public sealed class AgentReplayer
{
    private readonly ISpanStore _spans;
    private readonly ArtifactVault _artifacts;

    /// <summary>Makes a replayer over these stores.</summary>
    /// <param name="spans">The spans.</param>
    /// <param name="artifacts">The artifacts.</param>
    public AgentReplayer(ISpanStore spans, ArtifactVault artifacts)
    {
        ArgumentNullException.ThrowIfNull(spans);
        ArgumentNullException.ThrowIfNull(artifacts);
        _spans = spans;
        _artifacts = artifacts;
    }

    /// <summary>Opens what was recorded of an incident.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="rootSpanId">Only this run or call and what was called within it; null for everything.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async ValueTask<AgentReplay> OpenAsync(Guid incidentId, string? rootSpanId = null, CancellationToken cancellationToken = default)
    {
        var spans = new List<Span>();
        await foreach (var span in _spans.ListAsync(
            new SpanQuery { IncidentId = incidentId.ToString("D"), IsEvidence = true }, cancellationToken).ConfigureAwait(false))
        {
            spans.Add(span);
        }

        return await AgentReplay.OpenAsync(spans, _artifacts, rootSpanId, cancellationToken).ConfigureAwait(false);
    }
}
