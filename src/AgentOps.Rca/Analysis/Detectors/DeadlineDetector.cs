using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>
/// Calls that took longer than the time they were given, as their own attributes say. Where one call below took longer than that all by
/// itself, it is to blame: the deepest such call, unless one on the way broke a limit of its own, which is then told instead.
/// </summary>
internal sealed class DeadlineDetector : ISpansDetector
{
    public ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        foreach (var node in context.Spans.Nodes)
        {
            if (node.Allowed?.TimeFrom(node.StartNs) is { Value: > 0 } limit && node.DurationNs > limit.Value && Culprit(node, limit.Value) is { } culprit)
            {
                findings.Add(Describe(node, culprit, limit));
            }
        }

        return ValueTask.FromResult<IReadOnlyList<Finding>>(findings);
    }

    private static SpanNode? Culprit(SpanNode node, double limit)
    {
        var at = node;
        while (at.Children.Where(child => child.DurationNs > limit).MaxBy(child => child.DurationNs) is { } longest)
        {
            if (longest.Allowed?.TimeFrom(longest.StartNs) is { Value: > 0 } own && longest.DurationNs > own.Value)
            {
                return null;
            }

            at = longest;
        }

        return at;
    }

    private static Finding Describe(SpanNode node, SpanNode culprit, SpanAmount limit)
    {
        List<Fact> facts =
        [
            new(node.SpanId, $"It was given {Words.Duration(limit.Value)}.", "/attributes" + JsonPointers.Step(limit.Member)),
            new(node.SpanId, $"It ended {Words.Duration(node.DurationNs)} after its start.", "/end_ts"),
        ];
        if (culprit != node)
        {
            facts.Add(new(culprit.SpanId, $"{Words.Name(culprit.Tool)} ended {Words.Duration(culprit.DurationNs)} after its start.", "/end_ts"));
        }

        return new Finding
        {
            Kind = "deadline",
            Category = "deadline_exceeded",
            Place = DetectionContext.PlaceOf(culprit),
            Tool = culprit.Tool,
            ErrorClass = "deadline",
            Strength = Math.Min(1.8, 1 + (0.3 * Math.Log2(culprit.DurationNs / limit.Value))),
            AtNs = culprit.StartNs,
            Cause = culprit == node
                ? $"{Words.Name(node.Tool)} took {Words.Duration(node.DurationNs)}{Words.At(node.StartNs)} although it was given {Words.Duration(limit.Value)}."
                : $"{Words.Name(culprit.Tool)} alone took {Words.Duration(culprit.DurationNs)}{Words.At(culprit.StartNs)}, while {Words.Name(node.Tool)} was given {Words.Duration(limit.Value)}.",
            Recommendation = culprit == node
                ? $"Stop {Words.Name(node.Tool)} when its time is over, or give it as much as it needs."
                : $"Give {Words.Name(culprit.Tool)} a time limit that fits the one of {Words.Name(node.Tool)}.",
            Facts = facts,
        };
    }
}
