using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>
/// Where the time of a run went, when there is nothing to compare it with: one call that took most of it, or a long time in which
/// nothing was recorded. Both are hints, not proof.
/// </summary>
internal sealed class TimeDetector : ISpansDetector
{
    private const double MostOfTheRun = 0.5;
    private const double LongPause = 0.3;
    private const long LeastRunNs = 2_000_000_000;

    public ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        var nodes = context.Spans.Nodes.Where(node => !context.IsOfAgents(node)).ToList();
        if (nodes.Count < 2 || context.Case.Baseline.SpanCount > 0)
        {
            return ValueTask.FromResult<IReadOnlyList<Finding>>(findings);
        }

        var run = context.RunNs;
        // Where no call took any time, times are an order at best.
        if (run < LeastRunNs || nodes.All(node => node.DurationNs == 0))
        {
            return ValueTask.FromResult<IReadOnlyList<Finding>>(findings);
        }

        if (nodes.Where(node => node.Children.Count == 0).MaxBy(node => node.DurationNs) is { } longest && SelfTime.Of(longest) > MostOfTheRun * run)
        {
            findings.Add(Slow(longest, run));
        }

        if (LongestPause(nodes) is var (before, after) && after.StartNs - before.EndNs > LongPause * run)
        {
            findings.Add(Pause(before, after, run));
        }

        return ValueTask.FromResult<IReadOnlyList<Finding>>(findings);
    }

    // Only calls that made no others tell that something was being done: an agent's run covers its pauses.
    private static (SpanNode Before, SpanNode After)? LongestPause(IReadOnlyList<SpanNode> nodes)
    {
        (SpanNode Before, SpanNode After)? longest = null;
        SpanNode? last = null;
        foreach (var node in nodes.Where(node => node.Children.Count == 0))
        {
            if (last is not null && node.StartNs - last.EndNs > (longest is { } known ? known.After.StartNs - known.Before.EndNs : 0))
            {
                longest = (last, node);
            }

            last = last is null || node.EndNs > last.EndNs ? node : last;
        }

        return longest;
    }

    private static Finding Slow(SpanNode node, long run) => new()
    {
        Kind = "slow_call",
        Category = "slow",
        Place = DetectionContext.PlaceOf(node),
        Tool = node.Tool,
        ErrorClass = "slow_call",
        Strength = 1.1,
        AtNs = node.StartNs,
        Cause = $"{Words.Name(node.Tool)} took {Words.Duration(node.DurationNs)}{Words.At(node.StartNs)}, {Words.Percent((double)node.DurationNs / run)} of the whole run.",
        Recommendation = $"Compare {Words.Name(node.Tool)} with other runs, and give it a time limit.",
        Facts =
        [
            new Fact(node.SpanId, $"It started{Words.At(node.StartNs)}.", "/start_ts"),
            new Fact(node.SpanId, $"It ended{Words.At(node.EndNs)}.", "/end_ts"),
        ],
    };

    private static Finding Pause(SpanNode before, SpanNode after, long run)
    {
        var pause = after.StartNs - before.EndNs;
        return new Finding
        {
            Kind = "idle_gap",
            Category = "idle",
            Place = DetectionContext.PlaceOf(after),
            Tool = after.Tool,
            ErrorClass = "idle_gap",
            Strength = 0.8,
            AtNs = before.EndNs,
            Cause = $"Nothing was recorded for {Words.Duration(pause)} ({Words.Percent((double)pause / run)} of the run) between {Words.Name(before.Tool)} and {Words.Name(after.Tool)}{(Words.IsUnknown(before.EndNs) ? "" : $", from {Words.Clock(before.EndNs)} on")}.",
            Recommendation = $"Find out what the run waited for before {Words.Name(after.Tool)}: a queue, a person, a back-off, or work that is not recorded.",
            Facts =
            [
                new Fact(before.SpanId, $"{Words.Name(before.Tool)} ended{Words.At(before.EndNs)}.", "/end_ts"),
                new Fact(after.SpanId, $"{Words.Name(after.Tool)} started{Words.At(after.StartNs)}.", "/start_ts"),
            ],
        };
    }
}
