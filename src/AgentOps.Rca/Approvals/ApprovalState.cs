namespace AgentOps.Rca.Approvals;

/// <summary>Where an incident stands: the decision that counts, and whether a newer report has overtaken it.</summary>
/// <param name="Latest">The decision on the latest report; else the newest one on an earlier report; null when nothing is decided.</param>
/// <param name="LatestReportDigest">The latest report, or null when there is none.</param>
public sealed record ApprovalState(Approval? Latest, string? LatestReportDigest)
{
    /// <summary>What a reader must know of the records of decisions: that one was changed, forged or removed, or is not signed.</summary>
    public IReadOnlyList<DecisionFinding> Findings { get; init; } = [];

    /// <summary>Whether there is a decision, but on another report than the latest.</summary>
    public bool IsStale => Latest is not null && Latest.ReportDigest != LatestReportDigest;

    /// <summary>Whether the latest report is approved.</summary>
    public bool IsApproved => Latest is { Decision: ApprovalDecision.Approved } && !IsStale;
}
