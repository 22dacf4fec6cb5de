using AgentOps.Rca.Identity;

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

    /// <summary>
    /// Who decided, as an authentication knows it; it then stands for <see cref="ApprovedBy"/>. Null records <see cref="ApprovedBy"/> as a claim.
    /// </summary>
    public Actor? Approver { get; init; }

    /// <summary>Why, in free text of at most 4,000 characters; null when it is not told.</summary>
    public string? Note { get; init; }

    /// <summary>The report the person has read; it must be the latest. Null takes the latest.</summary>
    public string? ReportDigest { get; init; }

    /// <summary>The network address that it came from, for the audit; null when there is none.</summary>
    public string? Source { get; init; }

    /// <summary>Who decided, as it is recorded.</summary>
    internal Actor? Decider => Approver ?? Actor.Claimed(ApprovedBy);
}
