namespace AgentOps.Rca.Approvals;

/// <summary>A person's decision, to be recorded.</summary>
public sealed record ApprovalRequest
{
    internal const int LongestName = 256;
    internal const int LongestNote = 4_000;

    /// <summary>The incident.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary>What was decided.</summary>
    public ApprovalDecision Decision { get; init; } = ApprovalDecision.Approved;

    /// <summary>Who decided, in the words of the caller's own directory: at most 256 characters; null when it is not told.</summary>
    public string? ApprovedBy { get; init; }

    /// <summary>Why, in free text of at most 4,000 characters; null when it is not told.</summary>
    public string? Note { get; init; }

    /// <summary>The report the person has read; it must be the latest. Null takes the latest.</summary>
    public string? ReportDigest { get; init; }
}
