using System.Text.Json.Serialization;

namespace AgentOps.Rca.Analysis.Baselines;

/// <summary>
/// What tools do when nothing is wrong, as a small summary: it is recorded with the analysis, so that a replay needs no second look at
/// the spans it was made of.
/// </summary>
public sealed record Baseline
{
    /// <summary>Nothing to compare with.</summary>
    public static Baseline Empty { get; } = new();

    /// <summary>Where it comes from, in a sentence's words; null when it is empty.</summary>
    public string? Source { get; init; }

    /// <summary>How many calls it was made of; their log records do not count.</summary>
    public long SpanCount { get; init; }

    /// <summary>The summary of each tool, by the tool's name.</summary>
    public IReadOnlyDictionary<string, ToolBaseline> Tools { get; init; } = new Dictionary<string, ToolBaseline>();

    /// <summary>The time between two services, <c>caller→callee</c>: what a call takes beyond the work that the callee recorded.</summary>
    public IReadOnlyDictionary<string, LatencySketch> Links { get; init; } = new Dictionary<string, LatencySketch>();

    /// <summary>What the steps of each agent do, by <see cref="StepBaseline.KeyOf(Spans.SpanNode)"/>; null when there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, StepBaseline>? Steps { get; init; }

    /// <summary>The middle of the durations of whole runs (spans without a parent), in nanoseconds.</summary>
    public long RunMedianNs { get; init; }
}

/// <summary>What one tool does when nothing is wrong. Durations are in nanoseconds.</summary>
public sealed record ToolBaseline
{
    /// <summary>How many calls it was made of.</summary>
    public required long Count { get; init; }

    /// <summary>How many of them failed.</summary>
    public required long Failures { get; init; }

    /// <summary>The middle of the durations.</summary>
    public required long MedianNs { get; init; }

    /// <summary>The duration that 95 of 100 calls stay below.</summary>
    public required long P95Ns { get; init; }

    /// <summary>The longest duration.</summary>
    public required long MaxNs { get; init; }

    /// <summary>The service it runs in, or null.</summary>
    public string? Service { get; init; }

    /// <summary>The time its calls spent themselves, without the calls they made.</summary>
    public LatencySketch Self { get; init; } = new();

    /// <summary>The tools that its calls called.</summary>
    public CallShapes Calls { get; init; } = CallShapes.Empty;

    /// <summary>Which of its events followed directly on which, as <c>first → then</c>.</summary>
    public CallShapes Sequences { get; init; } = CallShapes.Empty;

    /// <summary>How often one of its calls called the same tool, at most.</summary>
    public IReadOnlyDictionary<string, int> Repeats { get; init; } = new Dictionary<string, int>();

    /// <summary>The form of its arguments; null when none were recorded.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ArgumentShape? Arguments { get; init; }

    /// <summary>The patterns of the events of its calls; those of errors begin with <c>!</c>.</summary>
    public CallShapes Events { get; init; } = CallShapes.Empty;
}
