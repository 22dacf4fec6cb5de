using AgentOps.Rca.Analysis;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Approvals;

/// <summary>Works out where one incident stands from the spans of its analyses and decisions, taken in any order.</summary>
internal sealed class ApprovalTally
{
    private readonly List<Approval> _approvals = [];

    /// <summary>How many analyses with a report there are.</summary>
    public int Analyses { get; private set; }

    /// <summary>The span of the latest analysis, or null: the same that <see cref="RcaReports"/> lists first.</summary>
    public Span? LatestAnalysis { get; private set; }

    /// <summary>Takes a span of the incident.</summary>
    /// <param name="span">The span; one that is neither an analysis nor a decision changes nothing.</param>
    public void Add(Span span)
    {
        if (ApprovalSpan.Read(span) is { } approval)
        {
            _approvals.Add(approval);
        }
        else if (AnalysisSpan.HasReport(span))
        {
            Analyses++;
            LatestAnalysis = LatestAnalysis is null || IsLater(span, LatestAnalysis) ? span : LatestAnalysis;
        }
    }

    /// <summary>Where it stands.</summary>
    public ApprovalState Build()
    {
        var latest = LatestAnalysis?.ResultDigest;
        return new ApprovalState(
            _approvals.Find(approval => approval.ReportDigest == latest)
                ?? _approvals.OrderBy(approval => approval.DecidedAt).ThenBy(approval => approval.SpanId, Utf8Comparer.Instance).LastOrDefault(),
            latest);
    }

    // The same order as RcaReports: by end, then by id.
    private static bool IsLater(Span left, Span right) =>
        (EpochUnit.ToNanoseconds(left.EndTs), Utf8Comparer.Instance.Compare(left.SpanId, right.SpanId))
            .CompareTo((EpochUnit.ToNanoseconds(right.EndTs), 0)) > 0;
}
