using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
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

    /// <summary>
    /// All spans by start, then by id (bytes of UTF-8), but for log records that belong to one of them: those are its
    /// <see cref="SpanNode.Logs"/>.
    /// </summary>
    public IReadOnlyList<SpanNode> Nodes { get; }

    /// <summary>The spans without a parent, in the same order.</summary>
    public IReadOnlyList<SpanNode> Roots { get; }

    /// <summary>What is wrong with the structure, in the order of <see cref="Nodes"/>.</summary>
    internal IReadOnlyList<SpanAnomaly> Anomalies { get; }

    /// <summary>The node of this id, that of a log record also when it is among the logs of another; or null.</summary>
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
        private const int ShortText = 256;

        private readonly Dictionary<string, SpanNode> _byId = new(StringComparer.Ordinal);
        private readonly TextPool _tools = new();
        private readonly EventPatterns _patterns = new();
        private readonly List<SpanNode> _nodes = [];
        private readonly List<SpanAnomaly> _anomalies = [];
        private readonly bool _joinLogs;
        private bool _hasLogs;

        /// <summary>Makes a builder that joins log records with the calls they belong to.</summary>
        public Builder()
            : this(joinLogs: true)
        {
        }

        /// <summary>Makes a builder.</summary>
        /// <param name="joinLogs">False keeps log records as spans like any other, for those who check records and not what they mean.</param>
        internal Builder(bool joinLogs) => _joinLogs = joinLogs;

        /// <summary>How many spans were taken.</summary>
        public int Count => _nodes.Count;

        internal bool Holds(string spanId) => _byId.ContainsKey(spanId);

        /// <summary>Takes a span.</summary>
        /// <param name="span">The span; only what an analysis needs of it is kept.</param>
        public void Add(Span span)
        {
            ArgumentNullException.ThrowIfNull(span);
            Add(
                new SpanKey(span.SpanId, span.ParentId, _tools.Of(span.Tool), span.StartTs, span.EndTs),
                ArtifactDigest.TryParse(span.ArgsDigest, out var args) ? args : null,
                ArtifactDigest.TryParse(span.ResultDigest, out var result) ? result : null,
                span.Attributes);
        }

        /// <summary>Takes a span that is no record.</summary>
        /// <param name="spanId">Its id.</param>
        /// <param name="tool">Its tool.</param>
        /// <param name="row">What is stored of it.</param>
        /// <param name="attributes">Its attributes; nothing of the element is kept.</param>
        internal void Add(string spanId, string tool, in SpanRow row, JsonElement attributes) => Add(
            new SpanKey(spanId, row.HasParent ? ParentOf(row.ParentId) : null, tool, row.StartTs, row.EndTs),
            row.HasArgs && ArtifactDigest.TryParse(row.ArgsDigest, out var args) ? args : null,
            row.HasResult && ArtifactDigest.TryParse(row.ResultDigest, out var result) ? result : null,
            attributes);

        private void Add(in SpanKey key, ArtifactDigest? args, ArtifactDigest? result, JsonElement attributes)
        {
            var node = new SpanNode(_nodes.Count, key, args, result, attributes, _patterns);
            if (!_byId.TryAdd(key.SpanId, node))
            {
                _anomalies.Add(new SpanAnomaly(SpanAnomalyKind.DuplicateId, key.SpanId));
                return;
            }

            _nodes.Add(node);
            if (node.IsLog && _joinLogs)
            {
                // A call may have thousands of them; most come after it, and share its text.
                node.ParentId = node.ParentId is { } call && _byId.TryGetValue(call, out var known) ? known.SpanId : node.ParentId;
                _hasLogs = true;
            }
        }

        /// <summary>Builds the forest of all spans taken.</summary>
        public SpanForest Build()
        {
            var logs = JoinLogs();
            var nodes = Sorted(logs);
            foreach (var node in nodes)
            {
                Link(node);
            }

            foreach (var log in logs)
            {
                log.Index = log.Parent!.Index;
            }

            CutCycles(nodes);
            AttachChildren(nodes);
            foreach (var node in nodes.Where(node => node.EndNs < node.StartNs))
            {
                _anomalies.Add(new SpanAnomaly(SpanAnomalyKind.EndsBeforeStart, node.SpanId));
            }

            _anomalies.Sort((left, right) => (_byId[left.SpanId].Index, left.Kind).CompareTo((_byId[right.SpanId].Index, right.Kind)));
            return new SpanForest(nodes, [.. nodes.Where(node => node.Parent is null)], _byId, _anomalies);
        }

        /// <summary>The name of a tool, one text for all spans of it.</summary>
        internal string Intern(ReadOnlySpan<byte> tool) => _tools.Of(tool);

        // Most callers come before their calls, which then share the text of their id.
        private string ParentOf(ReadOnlySpan<byte> parentId)
        {
            Span<char> room = stackalloc char[ShortText];
            return Utf16(parentId, room) is { IsEmpty: false } id && _byId.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(id, out var parent)
                ? parent.SpanId
                : Encoding.UTF8.GetString(parentId);
        }

        private static ReadOnlySpan<char> Utf16(ReadOnlySpan<byte> utf8, Span<char> room) =>
            utf8.Length <= room.Length ? room[..Encoding.UTF8.GetChars(utf8, room)] : [];

        // A log record joins the call that it names; it stays a span of its own when that call is not here or is a log record, too, or
        // when it has calls below it or artifacts, which no log record has.
        private HashSet<SpanNode> JoinLogs()
        {
            HashSet<SpanNode> joined = [];
            if (_hasLogs)
            {
                var callers = _nodes.Select(static node => node.ParentId).OfType<string>()
                    .Where(id => _byId.TryGetValue(id, out var caller) && caller.IsLog).ToHashSet(StringComparer.Ordinal);
                joined = [.. _nodes.Where(node => node is { IsLog: true, ParentId: not null, ArgsDigest: null, ResultDigest: null }
                    && _byId.TryGetValue(node.ParentId, out var call) && !call.IsLog && !callers.Contains(node.SpanId))];
            }

            var logs = new Dictionary<SpanNode, List<SpanNode>>();
            foreach (var log in joined)
            {
                log.Parent = _byId[log.ParentId!];
                log.ParentId = log.Parent.SpanId;
                (CollectionsMarshal.GetValueRefOrAddDefault(logs, log.Parent, out _) ??= []).Add(log);
            }

            foreach (var node in _nodes)
            {
                node.Join(logs.GetValueOrDefault(node));
            }

            return joined;
        }

        private SpanNode[] Sorted(HashSet<SpanNode> logs)
        {
            var nodes = logs.Count == 0 ? _nodes.ToArray() : [.. _nodes.Where(node => !logs.Contains(node))];
            if (!IsInOrder(nodes))
            {
                Array.Sort(nodes, Compare);
            }

            for (var i = 0; i < nodes.Length; i++)
            {
                nodes[i].Index = i;
            }

            return nodes;
        }

        // Stores list spans by start; only units that differ from span to span put them out of order.
        private static bool IsInOrder(SpanNode[] nodes)
        {
            for (var i = 1; i < nodes.Length; i++)
            {
                if (Compare(nodes[i - 1], nodes[i]) > 0)
                {
                    return false;
                }
            }

            return true;
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
                _anomalies.Add(new SpanAnomaly(node.IsLog && _joinLogs ? SpanAnomalyKind.LogWithoutSpan : SpanAnomalyKind.UnknownParent, node.SpanId));
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
