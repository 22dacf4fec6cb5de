using System.Text.Json;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>Calls that took longer than the time they were given, as their own attributes say.</summary>
internal sealed class DeadlineDetector : IDetector
{
    // Attributes are not kept in memory; a case of agents has few spans, a large one is compared with its baseline instead.
    private const int MostSpans = 5_000;
    private static readonly (string Member, double Nanoseconds)[] Limits =
        [("deadline_ms", 1e6), ("timeout_ms", 1e6), ("time_budget_ms", 1e6), ("budget_ms", 1e6), ("timeout_s", 1e9), ("timeout_seconds", 1e9), ("deadline_seconds", 1e9)];

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        if (context.Spans.Nodes.Count > MostSpans)
        {
            return findings;
        }

        foreach (var node in context.Spans.Nodes)
        {
            if (await context.Case.ReadSpan(node.SpanId, cancellationToken) is { } span && Exceeded(node, span.Attributes) is { } limit
                && !node.Children.Any(child => child.DurationNs > limit.Nanoseconds))
            {
                findings.Add(Describe(node, limit.Member, limit.Nanoseconds));
            }
        }

        return findings;
    }

    private static (string Member, double Nanoseconds)? Exceeded(SpanNode node, JsonElement attributes)
    {
        foreach (var (member, nanoseconds) in Limits)
        {
            if (attributes.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Number
                && value.TryGetDouble(out var limit) && limit > 0 && node.DurationNs > limit * nanoseconds)
            {
                return (member, limit * nanoseconds);
            }
        }

        return null;
    }

    private static Finding Describe(SpanNode node, string member, double limit) => new()
    {
        Kind = "deadline",
        Category = "deadline_exceeded",
        Place = DetectionContext.PlaceOf(node),
        Tool = node.Tool,
        ErrorClass = "deadline",
        Strength = Math.Min(1.8, 1 + (0.3 * Math.Log2(node.DurationNs / limit))),
        AtNs = node.StartNs,
        Cause = $"{node.Tool} took {Words.Duration(node.DurationNs)} at {Words.Clock(node.StartNs)} although it was given {Words.Duration(limit)}.",
        Recommendation = $"Stop {node.Tool} when its time is over, or give it as much as it needs.",
        Facts =
        [
            new Fact(node.SpanId, $"It was given {Words.Duration(limit)}.", "/attributes" + JsonPointers.Step(member)),
            new Fact(node.SpanId, $"It ended {Words.Duration(node.DurationNs)} after its start.", "/end_ts"),
        ],
    };
}
