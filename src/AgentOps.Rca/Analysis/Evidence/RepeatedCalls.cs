using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Evidence;

/// <summary>Calls of one tool with the same arguments, found without a group for every single call: most of a million never repeat.</summary>
internal static class RepeatedCalls
{
    /// <summary>The groups with at least so many calls, by their first call.</summary>
    public static IEnumerable<List<SpanNode>> Of(IReadOnlyList<SpanNode> nodes, int fewest, Func<SpanNode, bool> which)
    {
        // Arguments first, a few bytes each; two tools of the same ones only make a group too many, which its size then drops.
        var counts = new int[nodes.Select(static node => node.ArgsNumber).DefaultIfEmpty(-1).Max() + 1];
        foreach (var node in nodes)
        {
            if (node.ArgsNumber >= 0 && which(node))
            {
                counts[node.ArgsNumber]++;
            }
        }

        var groups = new Dictionary<(string Tool, int Args), List<SpanNode>>();
        List<List<SpanNode>> inOrder = [];
        foreach (var node in nodes)
        {
            if (node.ArgsNumber < 0 || counts[node.ArgsNumber] < fewest || !which(node))
            {
                continue;
            }

            if (!groups.TryGetValue((node.Tool, node.ArgsNumber), out var group))
            {
                groups.Add((node.Tool, node.ArgsNumber), group = []);
                inOrder.Add(group);
            }

            group.Add(node);
        }

        return inOrder.Where(group => group.Count >= fewest);
    }
}
