using AgentOps.Rca.Json;

namespace AgentOps.Rca.Spans;

/// <summary>
/// The spans of a case as trees: pure, the same for every order of arrival. Orphans, self-parents and cycles do not stop it: such a span
/// becomes a root and is named in <see cref="Anomalies"/>. Chains may be of any depth; nothing here recurses.
/// </summary>
public sealed class SpanForest
{
    private readonly Dictionary<string, SpanNode> _byId;

    private SpanForest(SpanNode[] nodes, SpanNode[] roots, Dictionary<string, SpanNode> byId, List<SpanAnomaly> anomalies)
    {
        Nodes = nodes;
        Roots = roots;
        _byId = byId;
        Anomalies = anomalies;
    }

    /// <summary>All spans by start, then by id (bytes of UTF-8).</summary>
    public IReadOnlyList<SpanNode> Nodes { get; }

    /// <summary>The spans without a parent, in the same order.</summary>
    public IReadOnlyList<SpanNode> Roots { get; }

    /// <summary>What is wrong with the structure, in the order of <see cref="Nodes"/>.</summary>
    public IReadOnlyList<SpanAnomaly> Anomalies { get; }

    /// <summary>The node of this id, or null.</summary>
    /// <param name="spanId">The span's id.</param>
    public SpanNode? Find(string spanId) => _byId.GetValueOrDefault(spanId);

    /// <summary>Builds the forest of these spans. A second span of an id that was seen is left out and named.</summary>
    /// <param name="spans">The spans, in any order.</param>
    public static SpanForest Build(IEnumerable<Span> spans)
    {
        ArgumentNullException.ThrowIfNull(spans);
        var builder = new Builder();
        foreach (var span in spans)
        {
            builder.Add(span);
        }

        return builder.Build();
    }

    /// <summary>Takes spans one by one, so that they need not all be in memory, and then builds the forest.</summary>
    public sealed class Builder
    {
        private readonly Dictionary<string, SpanNode> _byId = new(StringComparer.Ordinal);
        private readonly Dictionary<string, string> _tools = new(StringComparer.Ordinal);
        private readonly EventPatterns _patterns = new();
        private readonly List<SpanNode> _nodes = [];
        private readonly List<SpanAnomaly> _anomalies = [];

        /// <summary>How many spans were taken.</summary>
        public int Count => _nodes.Count;

        /// <summary>Takes a span.</summary>
        /// <param name="span">The span; only what an analysis needs of it is kept.</param>
        public void Add(Span span)
        {
            ArgumentNullException.ThrowIfNull(span);
            var node = new SpanNode(_nodes.Count, span, _patterns);
            if (!_byId.TryAdd(span.SpanId, node))
            {
                _anomalies.Add(new SpanAnomaly(SpanAnomalyKind.DuplicateId, span.SpanId));
                return;
            }

            node.Tool = Intern(span.Tool);
            _nodes.Add(node);
        }

        /// <summary>Builds the forest of all spans taken.</summary>
        public SpanForest Build()
        {
            var nodes = Sorted();
            foreach (var node in nodes)
            {
                Link(node);
            }

            CutCycles(nodes);
            AttachChildren(nodes);
            foreach (var node in nodes.Where(node => node.EndNs < node.StartNs))
            {
                _anomalies.Add(new SpanAnomaly(SpanAnomalyKind.EndsBeforeStart, node.SpanId));
            }

            var place = nodes.Select((node, index) => (node.SpanId, index)).ToDictionary(pair => pair.SpanId, pair => pair.index);
            _anomalies.Sort((left, right) => (place[left.SpanId], left.Kind).CompareTo((place[right.SpanId], right.Kind)));
            return new SpanForest(nodes, [.. nodes.Where(node => node.Parent is null)], _byId, _anomalies);
        }

        private string Intern(string tool)
        {
            if (_tools.TryGetValue(tool, out var known))
            {
                return known;
            }

            _tools.Add(tool, tool);
            return tool;
        }

        private SpanNode[] Sorted()
        {
            var nodes = _nodes.ToArray();
            Array.Sort(nodes, Compare);
            for (var i = 0; i < nodes.Length; i++)
            {
                nodes[i].Index = i;
            }

            return nodes;
        }

        private void Link(SpanNode node)
        {
            if (node.ParentId is null)
            {
                return;
            }

            if (node.ParentId == node.SpanId)
            {
                _anomalies.Add(new SpanAnomaly(SpanAnomalyKind.SelfParent, node.SpanId));
            }
            else if (_byId.TryGetValue(node.ParentId, out var parent))
            {
                node.Parent = parent;
                // One text for both: a million spans name their parents in a text of their own each.
                node.ParentId = parent.SpanId;
            }
            else
            {
                _anomalies.Add(new SpanAnomaly(SpanAnomalyKind.UnknownParent, node.SpanId));
            }
        }

        // Each node has one parent, so a walk upwards that meets itself has found the only cycle of its component; it is cut at the
        // earliest node of the cycle, which every order of arrival agrees on.
        private void CutCycles(SpanNode[] nodes)
        {
            var walk = new int[nodes.Length];
            for (var i = 0; i < nodes.Length; i++)
            {
                var node = nodes[i];
                while (node is not null && walk[node.Index] == 0)
                {
                    walk[node.Index] = i + 1;
                    node = node.Parent;
                }

                if (node is null || walk[node.Index] != i + 1)
                {
                    continue;
                }

                var first = node;
                for (var other = node.Parent!; other != node; other = other.Parent!)
                {
                    first = other.Index < first.Index ? other : first;
                }

                first.Parent = null;
                _anomalies.Add(new SpanAnomaly(SpanAnomalyKind.Cycle, first.SpanId));
            }
        }

        private static void AttachChildren(SpanNode[] nodes)
        {
            var counts = new int[nodes.Length];
            foreach (var node in nodes.Where(node => node.Parent is not null))
            {
                counts[node.Parent!.Index]++;
            }

            foreach (var node in nodes.Where(node => node.Parent is not null))
            {
                var parent = node.Parent!;
                if (parent.Children is not SpanNode[] { Length: > 0 } children)
                {
                    parent.Children = children = new SpanNode[counts[parent.Index]];
                }

                children[^counts[parent.Index]--] = node;
            }
        }

        private static int Compare(SpanNode left, SpanNode right)
        {
            var byStart = left.StartNs.CompareTo(right.StartNs);
            return byStart != 0 ? byStart : Utf8Comparer.Instance.Compare(left.SpanId, right.SpanId);
        }
    }
}
