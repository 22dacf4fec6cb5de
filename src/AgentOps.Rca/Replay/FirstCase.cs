using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Replay;

/// <summary>
/// What the first analysis of an incident looked at, and mostly all others as well: known before the spans are read, so that one reading serves
/// the walk and the analyses.
/// </summary>
internal sealed class FirstCase
{
    private FirstCase(CaseManifest manifest, SpanIndex index) => (Manifest, Index, Evidence) = (manifest, index, new RecordedEvidenceTaker(index));

    /// <summary>Its manifest.</summary>
    public CaseManifest Manifest { get; }

    /// <summary>Which spans it looked at.</summary>
    public SpanIndex Index { get; }

    /// <summary>Takes them.</summary>
    public RecordedEvidenceTaker Evidence { get; }

    /// <summary>Finds it; null where there is none that can be read, which is told when its turn comes.</summary>
    public static async ValueTask<FirstCase?> FindAsync(
        ISpanStore spans, CaseLoader loader, ArtifactVault vault, Incident incident, CancellationToken cancellationToken)
    {
        var records = new SpanQuery { IncidentId = incident.Id.ToString("D"), IsEvidence = false };
        var analysis = StrictReplayer.InOrder(await spans.ListAsync(records, cancellationToken)
            .Where(static span => AnalysisSpan.HasReport(span) && span.Tool != ToolNames.AnalysisModelCall).ToListAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault();
        if (analysis is null)
        {
            return null;
        }

        using var unheard = new ReplayHash(incident);
        var cases = new ManifestCase(loader, vault, new ReplayFindings(unheard));
        return await cases.ReadManifestAsync(analysis, cancellationToken).ConfigureAwait(false) is { } manifest
            && await cases.ReadIndexAsync(analysis, manifest, cancellationToken).ConfigureAwait(false) is { } index
            ? new FirstCase(manifest, index)
            : null;
    }
}
