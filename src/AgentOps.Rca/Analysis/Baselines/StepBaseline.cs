using System.Text.Json.Serialization;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Baselines;

/// <summary>
/// What one kind of step of one agent does when nothing is wrong. Agents share models and names of tools, so each agent's process has its
/// own. Durations are in nanoseconds.
/// </summary>
public sealed record StepBaseline
{
    /// <summary>How many calls it was made of.</summary>
    public required long Count { get; init; }

    /// <summary>How many of them failed.</summary>
    public required long Failures { get; init; }

    /// <summary>The middle of the durations.</summary>
    public required long MedianNs { get; init; }

    /// <summary>The duration that 95 of 100 calls stay below.</summary>
    public required long P95Ns { get; init; }

    /// <summary>The form of its results, without the envelopes of frameworks; null when none were recorded.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ArgumentShape? Results { get; init; }

    /// <summary>The agent's process and the tool.</summary>
    internal static string KeyOf(SpanNode node) => KeyOf(node.Sender, node.Tool);

    internal static string KeyOf(string? sender, string tool) => $"{sender}/{tool}";

    internal static IReadOnlyDictionary<string, StepBaseline>? Of(SpanForest spans, Dictionary<string, List<SortedDictionary<string, string>>> results)
    {
        var steps = spans.Nodes.Where(static node => ToolNames.IsStep(node.Tool)).GroupBy(KeyOf, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => Summarize([.. group], results.GetValueOrDefault(group.Key)));
        return steps.Count == 0 ? null : steps;
    }

    private static StepBaseline Summarize(List<SpanNode> calls, List<SortedDictionary<string, string>>? results)
    {
        var durations = calls.Select(node => node.DurationNs).Order().ToList();
        return new StepBaseline
        {
            Count = durations.Count,
            Failures = calls.Count(node => node.Failure is not null),
            MedianNs = durations[durations.Count / 2],
            P95Ns = durations[(int)(durations.Count * 0.95)],
            Results = results is null ? null : ArgumentShape.Of(results),
        };
    }
}
