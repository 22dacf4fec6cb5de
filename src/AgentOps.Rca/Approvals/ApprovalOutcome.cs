namespace AgentOps.Rca.Approvals;

/// <summary>How a decision ended: exactly one of the records below.</summary>
public abstract record ApprovalOutcome
{
    private ApprovalOutcome()
    {
    }

    /// <summary>It is recorded now.</summary>
    /// <param name="Approval">The record.</param>
    public sealed record Recorded(Approval Approval) : ApprovalOutcome;

    /// <summary>The same decision of the same person with the same note was recorded before.</summary>
    /// <param name="Approval">The record.</param>
    public sealed record AlreadyRecorded(Approval Approval) : ApprovalOutcome;

    /// <summary>Another decision on this report is recorded, and stays.</summary>
    /// <param name="Approval">The other record.</param>
    public sealed record Conflict(Approval Approval) : ApprovalOutcome;

    /// <summary>The report that was read is not the latest.</summary>
    /// <param name="ReportDigest">The report that was read.</param>
    /// <param name="LatestDigest">The latest report.</param>
    public sealed record StaleReport(string ReportDigest, string LatestDigest) : ApprovalOutcome;

    /// <summary>A report was named, and the incident has none.</summary>
    /// <param name="ReportDigest">The report that was named.</param>
    public sealed record NoReport(string ReportDigest) : ApprovalOutcome;

    /// <summary>The rule of four eyes does not allow it.</summary>
    /// <param name="Reason">Why, in a sentence.</param>
    public sealed record NotAllowed(string Reason) : ApprovalOutcome;

    /// <summary>There is no such incident.</summary>
    /// <param name="IncidentId">The id asked for.</param>
    public sealed record IncidentNotFound(Guid IncidentId) : ApprovalOutcome;
}
