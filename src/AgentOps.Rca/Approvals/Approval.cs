using AgentOps.Rca.Identity;

namespace AgentOps.Rca.Approvals;

/// <summary>A recorded decision on an incident.</summary>
public sealed record Approval
{
    /// <summary>The span that records it.</summary>
    public required string SpanId { get; init; }

    /// <summary>The incident.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary>What was decided.</summary>
    public required ApprovalDecision Decision { get; init; }

    /// <summary>The report it was decided on; null when the incident had none.</summary>
    public string? ReportDigest { get; init; }

    /// <summary>Who decided, or null.</summary>
    public string? ApprovedBy { get; init; }

    /// <summary>How it is known who decided; null when nobody was named.</summary>
    public Actor? Approver { get; init; }

    /// <summary>Why, or null.</summary>
    public string? Note { get; init; }

    /// <summary>Who had asked for the analysis that the report comes from, as far as it was told when it was decided.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>How it is known who asked; null when nobody was named.</summary>
    public Actor? Requester { get; init; }

    /// <summary>Whether it was made under the rule that the approver is not the one who asked for the analysis.</summary>
    public bool FourEyes { get; init; }

    /// <summary>When it was recorded, UTC.</summary>
    public required DateTimeOffset DecidedAt { get; init; }
}
