namespace AgentOps.Rca.Patterns;

/// <summary>Which patterns to list: the most frequent first, then the latest, then by signature (ordinal).</summary>
public sealed record PatternQuery
{
    /// <summary>Only analyses of this time or later.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Only analyses before this time.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>Only patterns of at least so many incidents.</summary>
    public int MinCount { get; init; } = 2;

    /// <summary>Only this category.</summary>
    public string? Category { get; init; }

    /// <summary>Only this tool.</summary>
    public string? Tool { get; init; }

    /// <summary>Only patterns after this place in the order: the last one of the page before.</summary>
    public PatternCursor? After { get; init; }

    /// <summary>At most this many.</summary>
    public required int Limit { get; init; }
}

/// <summary>A place in the listing of patterns.</summary>
/// <param name="Count">The count of the pattern at that place.</param>
/// <param name="LastSeen">When it was last seen.</param>
/// <param name="Signature">Its signature.</param>
public readonly record struct PatternCursor(int Count, DateTimeOffset LastSeen, string Signature);
