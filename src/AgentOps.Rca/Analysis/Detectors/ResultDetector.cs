using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>Results that are hard to work with: empty ones, and different ones for the same arguments.</summary>
internal sealed class ResultDetector : IDetector
{
    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        foreach (var group in RepeatedCalls.Of(
            context.Spans.Nodes, 2, node => node is { ResultNumber: >= 0, Failure: null } && !SpanFlow.IsModelCall(node) && !context.IsOfAgents(node)))
        {
            if (group.Find(node => node.ResultDigest != group[0].ResultDigest) is { } other)
            {
                findings.Add(Differing(group[0], other));
            }
        }

        foreach (var tool in context.Spans.Nodes
            .Where(node => node is { ResultNumber: >= 0, Failure: null } && !SpanFlow.IsModelCall(node) && !context.IsOfAgents(node))
            .GroupBy(node => node.Tool))
        {
            List<(SpanNode Node, string Pointer)> empty = [];
            foreach (var node in tool)
            {
                if (await context.ReadResultAsync(node, cancellationToken).ConfigureAwait(false) is { } result && Emptiness.Of(result) is { } pointer)
                {
                    empty.Add((node, pointer));
                }
            }

            if (empty.Count > 0)
            {
                findings.Add(Empty(context, empty, tool.Count()));
            }
        }

        return findings;
    }

    private static Finding Differing(SpanNode first, SpanNode other) => new()
    {
        Kind = "differing_results",
        Category = "inconsistent_results",
        Place = DetectionContext.PlaceOf(first),
        Tool = first.Tool,
        ErrorClass = "differing_results",
        Strength = 1,
        AtNs = other.StartNs,
        Cause = $"{Words.Name(first.Tool)} answered the same arguments differently{Words.Between(first.EndNs, other.EndNs, " at ", " and at ")}.",
        Recommendation = $"Find out why {Words.Name(first.Tool)} is not repeatable: what it reads changed, or it depends on more than its arguments.",
        Facts =
        [
            new Fact(first.SpanId, "The first answer to these arguments.", "/result_digest"),
            new Fact(other.SpanId, "Another answer to the same arguments.", "/result_digest"),
        ],
    };

    private static Finding Empty(DetectionContext context, List<(SpanNode Node, string Pointer)> empty, int calls)
    {
        var (node, pointer) = empty[0];
        var model = context.Flow.ModelCallBefore(node);
        List<Fact> facts = [.. empty.Take(3).Select(at =>
            new Fact(at.Node.SpanId, $"{Words.Name(at.Node.Tool)} returned nothing{Words.At(at.Node.EndNs)}.", at.Pointer, at.Node.ResultDigest))];
        if (facts.Count == 1)
        {
            facts.Add(model is null
                ? new Fact(node.SpanId, "The result it returned.", "/result_digest")
                : new Fact(model.SpanId, $"{Words.Name(model.Tool)} was the last model call before it.", "/tool"));
        }

        return new Finding
        {
            Kind = "empty_result",
            Category = "empty_result",
            Place = DetectionContext.PlaceOf(node),
            Tool = node.Tool,
            ErrorClass = pointer.Length == 0 ? "empty" : "empty" + pointer,
            Strength = 0.7 + Math.Min(0.6, 0.2 * Math.Log2(empty.Count + 1)),
            AtNs = node.StartNs,
            Cause = Words.Invariant($"{Words.Name(node.Tool)} returned nothing in {empty.Count} of {calls} calls{Words.FirstAt(node.EndNs)}."),
            Recommendation = $"Check what {Words.Name(node.Tool)} was asked for, and have it say \"nothing found\" so that the model can change course.",
            Facts = facts,
        };
    }
}
