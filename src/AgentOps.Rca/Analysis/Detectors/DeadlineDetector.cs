using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>Calls that took longer than the time they were given, as their own attributes say.</summary>
internal sealed class DeadlineDetector : IDetector
{
    public ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        foreach (var node in context.Spans.Nodes)
        {
            if (node.Exceeded is { } limit && !node.Children.Any(child => child.DurationNs > limit.Nanoseconds))
            {
                findings.Add(Describe(node, limit.Member, limit.Nanoseconds));
            }
        }

        return ValueTask.FromResult<IReadOnlyList<Finding>>(findings);
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
