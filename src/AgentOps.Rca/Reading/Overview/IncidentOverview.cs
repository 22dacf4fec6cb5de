using AgentOps.Rca.Analysis;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.Identity;

namespace AgentOps.Rca.Reading;

/// <summary>An incident as a list shows it: what went wrong, how sure that is, what was decided, and how often it came back.</summary>
public sealed record IncidentOverview
{
    /// <summary>The incident.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its place on the page, from the page's root on.</summary>
    public string Page => PageAddresses.Incident(Id);

    /// <summary>The business key of the run that failed.</summary>
    public required string OrderId { get; init; }

    /// <summary>The short class name of the symptom.</summary>
    public required string ProblemType { get; init; }

    /// <summary>How late the outcome is, in hours, or null.</summary>
    public double? EtaDeltaHours { get; init; }

    /// <summary>The status as it is stored.</summary>
    public required string Status { get; init; }

    /// <summary>When it was opened, UTC.</summary>
    public required DateTimeOffset CreatedTs { get; init; }

    /// <summary>How many seconds ago it was opened when it was read; never less than 0.</summary>
    public required double AgeSeconds { get; init; }

    /// <summary>The verdict of the latest analysis; null when there is none.</summary>
    public RcaVerdict? Verdict { get; init; }

    /// <summary>The cause in one sentence, cut at 300 characters; null when the latest analysis names none.</summary>
    public string? Cause { get; init; }

    /// <summary>The class of the cause, such as <c>rate_limited</c>, or null.</summary>
    public string? Category { get; init; }

    /// <summary>The tool where the cause lies, with <c>*</c> for what looks like an id (<see cref="RcaSignature"/>), or null.</summary>
    public string? Tool { get; init; }

    /// <summary>How sure the latest analysis is, from 0 to 1, or null.</summary>
    public double? Confidence { get; init; }

    /// <summary>The engine of the latest analysis, or null.</summary>
    public string? Engine { get; init; }

    /// <summary>The latest report, or null.</summary>
    public string? ReportDigest { get; init; }

    /// <summary>When the latest analysis was made, UTC, or null.</summary>
    public DateTimeOffset? AnalyzedAt { get; init; }

    /// <summary>How many analyses there are.</summary>
    public int AnalysisCount { get; init; }

    /// <summary>The decision that counts, or null.</summary>
    public OverviewDecision? Decision { get; init; }

    /// <summary>How often this failure came back; null when the latest analysis has no signature.</summary>
    public IncidentRecurrence? Recurrence { get; init; }
}

/// <summary>A decision on an incident. It is stale when a newer report has overtaken the one that it is about.</summary>
/// <param name="Status">What was decided.</param>
/// <param name="By">Who decided, or null.</param>
/// <param name="Note">Why, or null.</param>
/// <param name="ReportDigest">The report that it is about, or null.</param>
/// <param name="DecidedAt">When it was recorded, UTC.</param>
/// <param name="Stale">Whether it is about another report than the latest.</param>
public sealed record OverviewDecision(
    ApprovalDecision Status, string? By, string? Note, string? ReportDigest, DateTimeOffset DecidedAt, bool Stale)
{
    /// <summary>How it is known who decided; null when nobody was named.</summary>
    public Actor? Approver { get; init; }

    internal static OverviewDecision? Of(ApprovalState state) => state.Latest is { } decision
        ? new(decision.Decision, decision.ApprovedBy, decision.Note, decision.ReportDigest, decision.DecidedAt, state.IsStale) { Approver = decision.Approver }
        : null;
}

/// <summary>How often a failure came back.</summary>
/// <param name="Signature">The class of the failure without ids.</param>
/// <param name="Count">How many incidents of the last 90 days have it by their latest analysis, this one among them when it was analysed in that time.</param>
/// <param name="FirstSeen">When the first of them was analysed, UTC; null when there is none.</param>
/// <param name="LastSeen">When the latest of them was analysed, UTC; null when there is none.</param>
public sealed record IncidentRecurrence(string Signature, int Count, DateTimeOffset? FirstSeen, DateTimeOffset? LastSeen);
