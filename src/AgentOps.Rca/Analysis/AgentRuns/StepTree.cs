using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>
/// Which spans are steps of agents, by what they are called: model calls, tool calls and runs. A span that wraps another record of the same
/// call (a client around a client, the two halves of an MCP call) is no step of its own.
/// </summary>
internal sealed class StepTree
{
    /// <summary>More steps than these are not read; a run of an agent has tens.</summary>
    public const int MostSteps = 5_000;

    private readonly Dictionary<SpanNode, SpanNode> _mergedInto = [];

    public StepTree(SpanForest spans)
    {
        foreach (var node in spans.Nodes)
        {
            if (KindOf(node) == StepKind.None)
            {
                continue;
            }

            if (Nodes.Count == MostSteps)
            {
                IsCut = true;
                break;
            }

            if (KindOf(node) == StepKind.Tool && OtherHalf(node) is { } outer)
            {
                _mergedInto[node] = _mergedInto.GetValueOrDefault(outer, outer);
                continue;
            }

            if (KindOf(node) == StepKind.Model && HasModelCallBelow(node))
            {
                Wrappers.Add(node);
                continue;
            }

            Nodes.Add(node);
        }
    }

    /// <summary>The spans that are steps, in their order.</summary>
    public List<SpanNode> Nodes { get; } = [];

    /// <summary>Model calls around model calls: they carry sums and the request.</summary>
    public HashSet<SpanNode> Wrappers { get; } = [];

    /// <summary>Whether there are more.</summary>
    public bool IsCut { get; }

    /// <summary>The other halves of each call.</summary>
    public IEnumerable<(SpanNode Half, SpanNode Call)> Halves => _mergedInto.Select(pair => (pair.Key, pair.Value));

    public static StepKind KindOf(SpanNode node) => KindOf(node.Tool);

    /// <summary>The kind of step that spans of this tool record.</summary>
    public static StepKind KindOf(string tool) => tool switch
    {
        _ when tool.StartsWith(ToolNames.ToolCallPrefix, StringComparison.Ordinal) => StepKind.Tool,
        _ when tool.StartsWith(ToolNames.ModelCallPrefix, StringComparison.Ordinal) => StepKind.Model,
        _ when tool.StartsWith(ToolNames.AgentRunPrefix, StringComparison.Ordinal) => StepKind.Run,
        _ when tool.StartsWith(GuardrailPrefix, StringComparison.Ordinal) => StepKind.Guardrail,
        _ => StepKind.None,
    };

    /// <summary>What the checks of an agent's input or output are called: <c>guardrail/&lt;name&gt;</c>.</summary>
    public const string GuardrailPrefix = "guardrail/";

    /// <summary>The span of the step that a node is below, or null.</summary>
    public static SpanNode? StepAbove(SpanNode node)
    {
        for (var at = node.Parent; at is not null; at = at.Parent)
        {
            if (KindOf(at) != StepKind.None)
            {
                return at;
            }
        }

        return null;
    }

    // A tool call directly within one of the same tool, with nothing between but services, is the same call seen from the other side.
    private static SpanNode? OtherHalf(SpanNode node) => StepAbove(node) is { } above && above.Tool == node.Tool ? above : null;

    private static bool HasModelCallBelow(SpanNode node)
    {
        const int most = 64;
        var seen = 0;
        var open = new Stack<SpanNode>(node.Children);
        while (open.TryPop(out var at) && seen++ < most)
        {
            switch (KindOf(at))
            {
                case StepKind.Model:
                    return true;
                case StepKind.None:
                    foreach (var child in at.Children)
                    {
                        open.Push(child);
                    }

                    break;
            }
        }

        return false;
    }
}

/// <summary>What kind of step a span records.</summary>
internal enum StepKind
{
    None,
    Model,
    Tool,
    Run,
    Guardrail,
}
