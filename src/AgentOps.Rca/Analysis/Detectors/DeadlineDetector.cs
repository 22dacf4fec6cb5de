using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>Calls that took longer than the time they were given, as their own attributes say.</summary>
internal sealed class DeadlineDetector : IDetector
{
    public ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<Finding>>(
        [
            .. context.Spans.Nodes
                .Where(node => node.Limits?.Time is { Value: > 0 } limit && node.DurationNs > limit.Value && !node.Children.Any(child => child.DurationNs > limit.Value))
                .Select(node => Describe(node, node.Limits!.Time!.Value)),
        ]);

    private static Finding Describe(SpanNode node, SpanAmount limit) => new()
    {
        Kind = "deadline",
        Category = "deadline_exceeded",
        Place = DetectionContext.PlaceOf(node),
        Tool = node.Tool,
        ErrorClass = "deadline",
        Strength = Math.Min(1.8, 1 + (0.3 * Math.Log2(node.DurationNs / limit.Value))),
        AtNs = node.StartNs,
        Cause = $"{node.Tool} took {Words.Duration(node.DurationNs)} at {Words.Clock(node.StartNs)} although it was given {Words.Duration(limit.Value)}.",
        Recommendation = $"Stop {node.Tool} when its time is over, or give it as much as it needs.",
        Facts =
        [
            new Fact(node.SpanId, $"It was given {Words.Duration(limit.Value)}.", "/attributes" + JsonPointers.Step(limit.Member)),
            new Fact(node.SpanId, $"It ended {Words.Duration(node.DurationNs)} after its start.", "/end_ts"),
        ],
    };
}
