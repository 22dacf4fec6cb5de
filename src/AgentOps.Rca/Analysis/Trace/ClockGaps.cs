using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Trace;

/// <summary>What the clocks of the machines cannot tell, because they disagree.</summary>
internal static class ClockGaps
{
    public static IEnumerable<string> Of(SpanForest spans)
    {
        var early = spans.Nodes.Where(static node => node.Parent is { } parent && ClockSkew.IsBefore(node.StartNs, parent.StartNs)).ToList();
        if (early.MaxBy(static node => (Int128)node.Parent!.StartNs - node.StartNs) is not { Parent: { } caller } most)
        {
            yield break;
        }

        var by = Words.Duration((double)((Int128)caller.StartNs - most.StartNs));
        yield return early.Count == 1
            ? $"{Words.Name(most.Tool)} starts {by} before {Words.Name(caller.Tool)}, which made it: {Clocks(most, caller)} disagree, so times of the two cannot be compared."
            : $"{Words.Count(early.Count, "call")} start before the calls that made them; {Words.Name(most.Tool)} starts {by} before {Words.Name(caller.Tool)}: {Clocks(most, caller)} disagree, so times of the two cannot be compared.";
    }

    private static string Clocks(SpanNode call, SpanNode caller) => call.Service is { } own && caller.Service is { } other && own != other
        ? $"the clocks of {Words.Name(own)} and {Words.Name(other)}"
        : "their clocks";
}
