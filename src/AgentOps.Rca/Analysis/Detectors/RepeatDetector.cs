using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>Calls that call the same tool far more often than any call did before: a retry storm, or one query for each row.</summary>
internal sealed class RepeatDetector : ISpansDetector
{
    private const int FewestCalls = 3;
    private const int Times = 2;
    private const int More = 3;
    private const double LeastChange = 0.1;
    private const double StrengthPerRadian = 0.6;

    public ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        var baseline = context.Case.Baseline;
        foreach (var calls in baseline.SpanCount == 0 ? [] : context.Profile.Tools.Values)
        {
            if (!baseline.Tools.TryGetValue(calls.Tool, out var usual) || usual.Count < FewestCalls || calls.Nodes.Count < FewestCalls)
            {
                continue;
            }

            // A tool that was never called below is an extra call, which the structure tells.
            var called = usual.Calls.Words.ToHashSet(StringComparer.Ordinal);
            var repeated = calls.Nodes
                .SelectMany(node => CallProfile.Repeats(node).Select(repeat => (Node: node, repeat.Tool, repeat.Times)))
                .Where(repeat => called.Contains(repeat.Tool) && repeat.Times >= Most(usual, repeat.Tool) * Times && repeat.Times >= Most(usual, repeat.Tool) + More)
                .GroupBy(repeat => repeat.Tool, StringComparer.Ordinal);
            foreach (var child in repeated)
            {
                var nodes = child.ToList();
                var size = Proportions.Change(nodes.Count, calls.Nodes.Count, 0, usual.Count);
                if (size > LeastChange)
                {
                    findings.Add(Describe(calls, child.Key, [.. nodes.Select(repeat => (repeat.Node, repeat.Times))], Most(usual, child.Key), size, baseline));
                }
            }
        }

        return ValueTask.FromResult<IReadOnlyList<Finding>>(findings);
    }

    private static int Most(ToolBaseline usual, string tool) => usual.Repeats.GetValueOrDefault(tool, 1);

    private static Finding Describe(ToolCalls calls, string child, List<(SpanNode Node, int Times)> nodes, int most, double size, Baseline baseline)
    {
        var worst = nodes.MaxBy(node => node.Times);
        return new Finding
        {
            Kind = "repeated_calls",
            Category = "repeated_calls",
            Place = calls.Place,
            Tool = calls.Tool,
            ErrorClass = "repeated_calls",
            Strength = size * StrengthPerRadian,
            Sample = nodes.Count,
            AtNs = nodes[0].Node.StartNs,
            Cause = Words.Invariant($"{Words.Name(calls.Tool)} called {Words.Name(child)} up to {worst.Times} times in one call, in {nodes.Count} of {calls.Nodes.Count} calls; before it was {most} at most."),
            Recommendation = $"Look for retries without a limit, or for one call of {Words.Name(child)} for each item, in {Words.Name(calls.Tool)}.",
            Facts =
            [
                new Fact(worst.Node.SpanId, $"{Words.Name(calls.Tool)}{Words.At(worst.Node.StartNs)} called {Words.Name(child)} {Words.Times(worst.Times)}; compared with {baseline.SpanCount} spans of the baseline.", "/tool"),
                new Fact(worst.Node.Children.First(node => node.Tool == child).SpanId, $"The first of these calls of {Words.Name(child)}.", "/parent_id"),
            ],
        };
    }
}
