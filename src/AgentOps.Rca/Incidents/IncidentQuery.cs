namespace AgentOps.Rca.Incidents;

/// <summary>Which incidents to list, newest first: by <c>created_ts</c> descending, then by <c>id</c> descending.</summary>
public sealed record IncidentQuery
{
    /// <summary>Only incidents of exactly this status.</summary>
    public string? Status { get; init; }

    /// <summary>Only incidents of exactly this problem type.</summary>
    public string? ProblemType { get; init; }

    /// <summary>Only incidents of exactly this order or other subject.</summary>
    public string? OrderId { get; init; }

    /// <summary>Only incidents whose order id or problem type contains this text, ASCII letters compared without case.</summary>
    public string? Text { get; init; }

    /// <summary>Only incidents strictly after this place in the order: the last incident of the page before.</summary>
    public IncidentCursor? After { get; init; }

    /// <summary>At most this many; null lists all of them.</summary>
    public int? Limit { get; init; }
}

/// <summary>A place in the listing of incidents.</summary>
/// <param name="CreatedTs">The <c>created_ts</c> of the incident at that place.</param>
/// <param name="Id">The id of the incident at that place.</param>
public readonly record struct IncidentCursor(DateTimeOffset CreatedTs, Guid Id);
