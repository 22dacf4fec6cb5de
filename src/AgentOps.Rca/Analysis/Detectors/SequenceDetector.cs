using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>
/// Events in another order than usual: two that always followed each other one way now follow each other the other way. It weighs
/// little, since what runs side by side may report in any order.
/// </summary>
internal sealed class SequenceDetector : ISpansDetector
{
    private const int FewestCalls = 3;
    private const double LeastChange = 0.1;
    private const double StrengthPerRadian = 0.6;

    public ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        var baseline = context.Case.Baseline;
        foreach (var calls in baseline.SpanCount == 0 ? [] : context.Profile.Tools.Values)
        {
            if (baseline.Tools.TryGetValue(calls.Tool, out var usual) && usual.Sequences.Words.Count > 0 && Find(calls, usual, baseline) is { } finding)
            {
                findings.Add(finding);
            }
        }

        return ValueTask.FromResult<IReadOnlyList<Finding>>(findings);
    }

    private static Finding? Find(ToolCalls calls, ToolBaseline usual, Baseline baseline)
    {
        var known = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var shape in usual.Sequences.Shapes)
        {
            foreach (var place in shape.Words)
            {
                known[usual.Sequences.Words[place]] = known.GetValueOrDefault(usual.Sequences.Words[place]) + shape.Count;
            }
        }

        // The calls in which two events follow each other in a way never seen, while the other way round is usual.
        var swapped = new SortedDictionary<string, (string Usual, string First, string Then, List<SpanNode> Nodes)>(StringComparer.Ordinal);
        var pairs = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var node in calls.Nodes.Where((node, index) => node.Events.Count > 1 && calls.Observed[index]))
        {
            for (var i = 1; i < node.Events.Count; i++)
            {
                var (first, then) = (node.Events[i - 1].Text, node.Events[i].Text);
                var key = CallProfile.StepKey(first, then);
                pairs[key] = pairs.GetValueOrDefault(key) + 1;
                var other = CallProfile.StepKey(then, first);
                if (!known.ContainsKey(key) && known.GetValueOrDefault(other) >= FewestCalls)
                {
                    var found = swapped.TryGetValue(key, out var before) ? before : swapped[key] = (other, first, then, []);
                    found.Nodes.Add(node);
                }
            }
        }

        return swapped.Values
            .Select(swap => (swap, Calls: swap.Nodes.Count + pairs.GetValueOrDefault(swap.Usual)))
            .Select(pair => (pair.swap, pair.Calls, Size: Proportions.Change(pair.swap.Nodes.Count, pair.Calls, 0, known[pair.swap.Usual])))
            .Where(pair => pair.Size > LeastChange)
            .OrderByDescending(pair => pair.Size)
            .Select(pair => Describe(calls, pair.swap, pair.Calls, known[pair.swap.Usual], pair.Size, baseline))
            .FirstOrDefault();
    }

    private static Finding Describe(
        ToolCalls calls, (string Usual, string First, string Then, List<SpanNode> Nodes) swap, long total, long usual, double size, Baseline baseline) => new()
        {
            Kind = "changed_order",
            Category = "changed_order",
            Place = calls.Place,
            Tool = calls.Tool,
            ErrorClass = "changed_order",
            Strength = size * StrengthPerRadian,
            Sample = swap.Nodes.Count,
            AtNs = swap.Nodes[0].StartNs,
            Cause = Words.Invariant($"{Words.Name(calls.Tool)} reports \"{Words.Short(swap.First.Trim(), 80)}\" before \"{Words.Short(swap.Then.Trim(), 80)}\" in {swap.Nodes.Count} of {total} calls, while it was the other way round in all of {usual} before."),
            Recommendation = $"Look at what changed in {Words.Name(calls.Place)}: its steps run in another order.",
            Facts = [.. swap.Nodes.Take(2).Select(node => new Fact(
                node.PlaceOf(swap.First).SpanId, $"{Words.Name(node.Tool)}{Words.At(node.StartNs)} is one of these calls; compared with {baseline.SpanCount} spans of the baseline.", "/attributes/events"))],
        };
}
