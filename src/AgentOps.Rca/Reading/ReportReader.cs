using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>Finds the report that is asked for, or the latest, and the span of its analysis.</summary>
internal sealed class ReportReader(ISpanStore spans, ArtifactVault artifacts)
{
    private readonly RcaReports _reports = new(spans, artifacts);

    /// <summary>The report and the span that records its analysis.</summary>
    /// <param name="incidentId">The incident.</param>
    /// <param name="digest">The report; null is the latest.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>Both, or why there is none, in a sentence; a null sentence means that there is no analysis at all.</returns>
    public async ValueTask<(RcaReport? Report, Span? Analysis, string? Problem)> FindAsync(Guid incidentId, string? digest, CancellationToken cancellationToken)
    {
        var analyses = await _reports.ListSpansAsync(incidentId, cancellationToken).ConfigureAwait(false);
        var analysis = analyses.FirstOrDefault(span => digest is null || span.ResultDigest == digest);
        if (analysis is null)
        {
            return (null, null, digest is null ? null : $"The incident {incidentId:D} has no report {digest}.");
        }

        var report = await _reports.ReadAsync(analysis, cancellationToken).ConfigureAwait(false);
        return report is null
            ? (null, analysis, $"The bytes of the report {analysis.ResultDigest} are missing or are not what was stored.")
            : (report, analysis, null);
    }
}
