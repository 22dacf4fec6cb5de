namespace AgentOps.Rca.Reading;

/// <summary>What is looked for among the calls of a run.</summary>
public sealed record RunSearchQuery
{
    /// <summary>The incident.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary>
    /// Words, of which each must stand in the call's name, its agent, its service or its id, in upper or lower case.
    /// </summary>
    public required string Text { get; init; }

    /// <summary>How many of the calls that fit to pass over.</summary>
    public int Skip { get; init; }

    /// <summary>At most this many, from 1 to 1,000.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>What became of a search: exactly one of the records below.</summary>
public abstract record RunSearchOutcome
{
    private RunSearchOutcome()
    {
    }

    /// <summary>It was made.</summary>
    /// <param name="Result">What fits.</param>
    public sealed record Found(RunSearchResult Result) : RunSearchOutcome;

    /// <summary>There is no such incident.</summary>
    /// <param name="IncidentId">The id asked for.</param>
    public sealed record IncidentNotFound(Guid IncidentId) : RunSearchOutcome;
}

/// <summary>The calls of a run that fit, in the order of the rows of its timeline.</summary>
public sealed record RunSearchResult
{
    /// <summary>The incident.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary>How many calls fit.</summary>
    public required int Count { get; init; }

    /// <summary>How many of them were passed over.</summary>
    public required int Skip { get; init; }

    /// <summary>The calls.</summary>
    public required IReadOnlyList<RunSearchHit> Found { get; init; }
}

/// <summary>A call that fits.</summary>
/// <param name="SpanId">The call.</param>
/// <param name="Tool">Its name.</param>
/// <param name="Agent">The agent whose run it is part of, or null.</param>
/// <param name="Service">The service it ran in, or null.</param>
/// <param name="AtMs">When it started, in milliseconds from the start of the run.</param>
/// <param name="Failed">Whether it failed.</param>
/// <param name="Row">Its row in the timeline of the whole run.</param>
public sealed record RunSearchHit(string SpanId, string Tool, string? Agent, string? Service, double AtMs, bool Failed, int Row);
