using AgentOps.Rca.Incidents;

namespace AgentOps.Rca.Reading;

/// <summary>Which incidents a list shows, newest first.</summary>
public sealed record IncidentOverviewQuery
{
    /// <summary>Only incidents of exactly this status.</summary>
    public string? Status { get; init; }

    /// <summary>Only incidents of exactly this problem type.</summary>
    public string? ProblemType { get; init; }

    /// <summary>Only incidents of exactly this order or other subject.</summary>
    public string? OrderId { get; init; }

    /// <summary>Only incidents whose order id or problem type contains this text, ASCII letters compared without case.</summary>
    public string? Text { get; init; }

    /// <summary>Only incidents whose latest analysis says this.</summary>
    public OverviewVerdict? Verdict { get; init; }

    /// <summary>Only incidents whose latest analysis finds the cause in this tool; ids in the name do not matter.</summary>
    public string? Tool { get; init; }

    /// <summary>Only incidents opened at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only incidents opened before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Only incidents strictly after this place in the order.</summary>
    public IncidentCursor? After { get; init; }

    /// <summary>At most this many, from 1 to 500.</summary>
    public int Limit { get; init; } = 50;
}

/// <summary>What the latest analysis of an incident says.</summary>
public enum OverviewVerdict
{
    /// <summary>There is no analysis.</summary>
    None,

    /// <summary>The evidence is too weak to name a cause.</summary>
    Inconclusive,

    /// <summary>The evidence carries a cause.</summary>
    Identified,
}

/// <summary>A page of the list.</summary>
/// <param name="Rows">The incidents, newest first.</param>
/// <param name="Next">
/// Where to go on; null when there is nothing more. With a filter that only analyses can answer, a page may have fewer rows than asked for,
/// or none, and still have a next one: at most 2,000 incidents are looked at for a page.
/// </param>
public sealed record IncidentOverviewPage(IReadOnlyList<IncidentOverview> Rows, IncidentCursor? Next);
