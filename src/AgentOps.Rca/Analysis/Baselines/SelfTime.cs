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
        List<SpanNode> within = [];
        if (node.Parent is not { } parent || parent.Children.Count > MostSiblings)
        {
            return within;
        }

        foreach (var sibling in parent.Children)
        {
            if (sibling.Index > node.Index && sibling.StartNs >= node.StartNs && sibling.EndNs <= node.EndNs)
            {
                within.Add(sibling);
            }
        }

        return within;
    }
}
