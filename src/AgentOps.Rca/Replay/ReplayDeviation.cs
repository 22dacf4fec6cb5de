using System.Text.Json.Serialization;

namespace AgentOps.Rca.Replay;

/// <summary>Something that a replay found.</summary>
public sealed record ReplayDeviation
{
    /// <summary>What it is.</summary>
    public required ReplayDeviationKind Kind { get; init; }

    /// <summary>What it does to the verdict.</summary>
    public required ReplayEffect Effect { get; init; }

    /// <summary>The span it was found at, or null.</summary>
    public string? SpanId { get; init; }

    /// <summary>What was recorded, such as a digest or a version; null when that does not apply.</summary>
    public string? Expected { get; init; }

    /// <summary>What is there instead; null when there is nothing.</summary>
    public string? Actual { get; init; }

    /// <summary>The finding in a sentence.</summary>
    public required string Message { get; init; }
}

/// <summary>What a finding does to the verdict.</summary>
public enum ReplayEffect
{
    /// <summary>Nothing: it is worth knowing.</summary>
    [JsonStringEnumMemberName("note")]
    Note,

    /// <summary>The verdict is <see cref="ReplayVerdict.Incomplete"/> unless something diverges.</summary>
    [JsonStringEnumMemberName("incomplete")]
    Incomplete,

    /// <summary>The verdict is <see cref="ReplayVerdict.Diverged"/>.</summary>
    [JsonStringEnumMemberName("diverged")]
    Diverged,
}
