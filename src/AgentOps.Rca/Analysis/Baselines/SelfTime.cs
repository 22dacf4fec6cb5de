using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Baselines;

/// <summary>The time a call spent itself.</summary>
internal static class SelfTime
{
    // Calls that run beside hundreds of others are not handed over by any one of them.
    private const int MostSiblings = 64;

    /// <summary>
    /// The duration without what its children cover. A sibling that lies wholly within the call is taken for its child: asynchronous
    /// frameworks hang the work under the one that started both.
    /// </summary>
    public static long Of(SpanNode node)
    {
        var within = Within(node);
        var children = within.Count == 0 ? node.Children : [.. node.Children.Concat(within).OrderBy(child => child.StartNs)];
        var covered = 0L;
        var at = node.StartNs;
        foreach (var child in children)
        {
            var from = Math.Max(child.StartNs, at);
            var to = Math.Min(child.EndNs, node.EndNs);
            if (to > from)
            {
                covered += to - from;
                at = to;
            }
        }

        return Math.Max(0, node.DurationNs - covered);
    }

    private static List<SpanNode> Within(SpanNode node)
    {
        if (node.Parent is not { } parent || parent.Children.Count > MostSiblings)
        {
            return [];
        }

        List<SpanNode> within = [];

        // Siblings are in the order of their starts: those within the call come after it, and none after its end.
        var siblings = parent.Children;
        for (var i = PlaceOf(node, siblings) + 1; i < siblings.Count && siblings[i].StartNs < node.EndNs; i++)
        {
            if (siblings[i].EndNs <= node.EndNs)
            {
                within.Add(siblings[i]);
            }
        }

        return within;
    }

    private static int PlaceOf(SpanNode node, IReadOnlyList<SpanNode> siblings)
    {
        var (low, high) = (0, siblings.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = siblings[middle].Index < node.Index ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
