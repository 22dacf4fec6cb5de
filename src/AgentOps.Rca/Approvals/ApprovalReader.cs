using AgentOps.Rca.Analysis;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Approvals;

/// <summary>Reads where an incident stands out of its spans.</summary>
internal static class ApprovalReader
{
    public static async ValueTask<ApprovalState> ReadAsync(ISpanStore spans, Guid incidentId, CancellationToken cancellationToken)
    {
        List<Approval> approvals = [];
        Span? report = null;
        await foreach (var span in spans.ListAsync(
            new SpanQuery { IncidentId = incidentId.ToString("D"), IsEvidence = false }, cancellationToken).ConfigureAwait(false))
        {
            if (ApprovalSpan.Read(span) is { } approval)
            {
                approvals.Add(approval);
            }
            else if (AnalysisSpan.HasReport(span) && (report is null || IsLater(span, report)))
            {
                report = span;
            }
        }

        var latest = report?.ResultDigest;
        return new ApprovalState(
            approvals.Find(approval => approval.ReportDigest == latest)
                ?? approvals.OrderBy(approval => approval.DecidedAt).ThenBy(approval => approval.SpanId, Utf8Comparer.Instance).LastOrDefault(),
            latest);
    }

    // The same order as RcaReports: by end, then by id.
    private static bool IsLater(Span left, Span right) =>
        (EpochUnit.ToNanoseconds(left.EndTs), Utf8Comparer.Instance.Compare(left.SpanId, right.SpanId))
            .CompareTo((EpochUnit.ToNanoseconds(right.EndTs), 0)) > 0;
}
