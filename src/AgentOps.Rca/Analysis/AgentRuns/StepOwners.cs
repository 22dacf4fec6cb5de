using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>
/// Which spans are part of a step: all below a model call (its requests to the provider), and of a tool call or a run what runs in the
/// agent's own process and in the other halves of the call. Spans of other services stay on their own.
/// </summary>
internal static class StepOwners
{
    /// <summary>The step that each span is part of, or null, by <see cref="SpanNode.Index"/>; of a million spans that is a tenth of what a dictionary takes.</summary>
    public static AgentStep?[] Of(SpanForest spans, Dictionary<SpanNode, AgentStep> steps)
    {
        var owners = new AgentStep?[spans.Nodes.Count];
        if (steps.Count == 0)
        {
            return owners;
        }

        var halves = steps.Values.OfType<ToolStep>().SelectMany(step => step.Halves.Select(half => (half, step))).ToDictionary(pair => pair.half, pair => pair.step);
        var process = new string?[owners.Length];
        foreach (var root in spans.Roots)
        {
            var open = new Stack<SpanNode>([root]);
            while (open.TryPop(out var node))
            {
                Own(node);
                foreach (var child in node.Children)
                {
                    open.Push(child);
                }
            }
        }

        return owners;

        void Own(SpanNode node)
        {
            if (steps.ContainsKey(node) || node.Parent is not { } parent)
            {
                return;
            }

            if (halves.TryGetValue(node, out var call))
            {
                owners[node.Index] = call;
            }
            else if (steps.GetValueOrDefault(parent) is { } above)
            {
                // The first span below a step is its own process's: a client's, or the work itself.
                owners[node.Index] = above;
                process[node.Index] = node.Service;
            }
            else if (owners[parent.Index] is { } owner)
            {
                var at = process[parent.Index];
                if (owner is ModelStep || node.Service is null || at is null || node.Service == at)
                {
                    owners[node.Index] = owner;
                    process[node.Index] = at ?? node.Service;
                }
            }
        }
    }
}
