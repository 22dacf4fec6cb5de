using System.Runtime.InteropServices;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Evidence;

/// <summary>Calls of one tool with the same arguments, found without a group for every single call: most of a million never repeat.</summary>
internal static class RepeatedCalls
{
    /// <summary>The groups with at least so many calls, by their first call.</summary>
    public static IEnumerable<List<SpanNode>> Of(IReadOnlyList<SpanNode> nodes, int fewest, Func<SpanNode, bool> which)
    {
        // Hashes first, a few bytes a call; two keys of one hash only make a group too many, which its size then drops.
        var counts = new Dictionary<int, int>(nodes.Count);
        foreach (var node in nodes)
        {
            if (node.ArgsDigest is { } args && which(node))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counts, args.GetHashCode(), out _)++;
            }
        }

        var groups = new Dictionary<(string Tool, ArtifactDigest Args), List<SpanNode>>();
        List<List<SpanNode>> inOrder = [];
        foreach (var node in nodes)
        {
            if (node.ArgsDigest is not { } args || !which(node) || counts[args.GetHashCode()] < fewest)
            {
                continue;
            }

            if (!groups.TryGetValue((node.Tool, args), out var group))
            {
                groups.Add((node.Tool, args), group = []);
                inOrder.Add(group);
            }

            group.Add(node);
        }

        return inOrder.Where(group => group.Count >= fewest);
    }
}
