using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Evidence;

/// <summary>What follows from the shape of the trees, worked out once and in linear time.</summary>
internal sealed class SpanFlow
{
    private readonly bool[] _failedBelow;
    private readonly SpanNode?[] _modelBefore;

    public SpanFlow(SpanForest spans)
    {
        TopDown = Order(spans);
        _failedBelow = new bool[spans.Nodes.Count];
        _modelBefore = new SpanNode?[spans.Nodes.Count];
        for (var i = TopDown.Count - 1; i >= 0; i--)
        {
            var node = TopDown[i];
            if (node.Parent is { } parent && (node.Failure is not null || _failedBelow[node.Index]))
            {
                _failedBelow[parent.Index] = true;
            }
        }

        foreach (var siblings in spans.Nodes.Select(node => node.Children).Prepend(spans.Roots))
        {
            FindModelCalls(siblings);
        }
    }

    /// <summary>Every node after its parent.</summary>
    public IReadOnlyList<SpanNode> TopDown { get; }

    /// <summary>Whether a call below this one failed.</summary>
    public bool FailedBelow(SpanNode node) => _failedBelow[node.Index];

    /// <summary>The model call that led into this call: the last one before it beside it, or else beside or at a call that made it.</summary>
    public SpanNode? ModelCallBefore(SpanNode node)
    {
        const int mostLevels = 32;
        var at = node;
        for (var level = 0; at is not null && level < mostLevels; level++, at = at.Parent)
        {
            if (_modelBefore[at.Index] is { } model)
            {
                return model;
            }

            if (at != node && IsModelCall(at))
            {
                return at;
            }
        }

        return null;
    }

    public static bool IsModelCall(SpanNode node) => node.Tool.StartsWith(ToolNames.ModelCallPrefix, StringComparison.Ordinal);

    private static List<SpanNode> Order(SpanForest spans)
    {
        var order = new List<SpanNode>(spans.Nodes.Count);
        order.AddRange(spans.Roots);
        for (var i = 0; i < order.Count; i++)
        {
            order.AddRange(order[i].Children);
        }

        return order;
    }

    private void FindModelCalls(IReadOnlyList<SpanNode> siblings)
    {
        SpanNode? last = null;
        foreach (var node in siblings)
        {
            _modelBefore[node.Index] = last;
            last = IsModelCall(node) ? node : last;
        }
    }
}
