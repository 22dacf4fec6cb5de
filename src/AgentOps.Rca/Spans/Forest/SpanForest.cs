using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Columns;

namespace AgentOps.Rca.Spans;

/// <summary>
/// The spans of a case as trees: pure, the same for every order of arrival. Orphans, self-parents and cycles do not stop it: such a span
/// becomes a root and is named in <see cref="Anomalies"/>. Chains may be of any depth; nothing here recurses.
/// </summary>
public sealed class SpanForest
{
    private readonly SpanColumns _columns;
    private readonly SpanNode[]? _byNumber;

    private SpanForest(SpanNode[] nodes, SpanNode[] roots, SpanColumns columns, SpanNode[]? byNumber, IReadOnlyList<SpanAnomaly> anomalies)
    {
        Nodes = nodes;
        Roots = roots;
        _columns = columns;
        _byNumber = byNumber;
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
    public SpanNode? Find(string spanId)
    {
        ArgumentNullException.ThrowIfNull(spanId);
        return _columns.Ids.Find(spanId) is >= 0 and var number ? _byNumber?[number] ?? Nodes[number] : null;
    }

    /// <summary>The artifacts that its spans name, each once.</summary>
    internal DigestTable Digests => _columns.Digests;

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
        private readonly SpanColumns _columns = new();
        private readonly TextPool _tools = new();
        private readonly EventPatterns _patterns = new();
        private readonly Dictionary<(string Tool, string? Service, string? Sender), SpanOrigin> _origins = new(new SameTexts());
        private readonly Column<SpanNode> _nodes = new();
        private readonly List<(int Number, SpanAnomalyKind Kind)> _anomalies = [];
        private readonly bool _isBare;
        private bool _hasLogs;
        private bool _hasStrangers;
        private bool _hasTimes;

        /// <summary>Makes a builder that joins log records with the calls they belong to.</summary>
        public Builder()
            : this(isBare: false)
        {
        }

        /// <summary>Makes a builder.</summary>
        /// <param name="isBare">
        /// True keeps log records as spans like any other, and nothing that attributes say, for those who check records and not what they mean.
        /// </param>
        internal Builder(bool isBare) => _isBare = isBare;

        /// <summary>How many spans were taken.</summary>
        public int Count => _nodes.Count;

        /// <summary>The ids of the spans that were taken, in the order in which they came.</summary>
        internal Utf8Table Ids => _columns.Ids;

        /// <summary>The artifacts that they name, each once.</summary>
        internal DigestTable Digests => _columns.Digests;

        internal bool Holds(string spanId) => _columns.Ids.Find(spanId) >= 0;

        /// <summary>Takes a span.</summary>
        /// <param name="span">The span; only what an analysis needs of it is kept.</param>
        public void Add(Span span)
        {
            ArgumentNullException.ThrowIfNull(span);
            using var text = new SpanRowText(span);
            TryAdd(text.Row, span.Attributes);
        }

        /// <summary>Takes a span that need be no record.</summary>
        /// <param name="row">What is stored of it.</param>
        /// <param name="attributes">Its attributes; nothing of the element is kept.</param>
        /// <returns>Whether no span of this id was taken before.</returns>
        internal bool TryAdd(in SpanRow row, JsonElement attributes)
        {
            if (!_columns.Ids.TryAdd(row.SpanId, out var number))
            {
                _anomalies.Add((number, SpanAnomalyKind.DuplicateId));
                return false;
            }

            var origin = _isBare ? OriginOf(_tools.Of(row.Tool)) : OriginOf(_tools.Of(row.Tool), attributes);
            var isLog = origin.Tool == ToolNames.Log;
            _hasLogs |= isLog && !_isBare;
            _nodes.Add(new SpanNode(
                number,
                origin,
                row,
                row.HasParent ? KeyOf(row.ParentId) : 0,
                row.HasArgs && ArtifactDigest.TryParse(row.ArgsDigest, out var args) ? NumberOf(args) : 0,
                row.HasResult && ArtifactDigest.TryParse(row.ResultDigest, out var result) ? NumberOf(result) : 0,
                _isBare ? 0 : _columns.Limits.Add(SpanLimits.Read(attributes)),
                _isBare ? null : DetailsOf(row, isLog, attributes)));
            return true;
        }

        /// <summary>Builds the forest of all spans taken.</summary>
        public SpanForest Build()
        {
            FindStrangers();
            var logs = JoinLogs();
            var nodes = Sorted(logs, out var byNumber);
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
            foreach (var node in nodes)
            {
                if (node.EndNs < node.StartNs)
                {
                    _anomalies.Add((node.Number, SpanAnomalyKind.EndsBeforeStart));
                }
            }

            SpanAnomaly[] anomalies = [.. _anomalies.OrderBy(found => (_nodes[found.Number].Index, found.Kind)).Select(found => new SpanAnomaly(found.Kind, _columns.Ids.Text(found.Number)))];
            return new SpanForest(nodes, [.. nodes.Where(static node => node.Parent is null)], _columns, byNumber, anomalies);
        }

        /// <summary>The name of a tool, one text for all spans of it.</summary>
        internal string Intern(ReadOnlySpan<byte> tool) => _tools.Of(tool);

        private SpanOrigin OriginOf(string tool, JsonElement attributes)
        {
            var service = _patterns.ServiceOf(attributes);
            return OriginOf(tool, service, ToolNames.IsStep(tool) ? service ?? _patterns.SenderOf(attributes) : null);
        }

        private SpanOrigin OriginOf(string tool, string? service = null, string? sender = null)
        {
            var key = (tool, service, sender);
            if (!_origins.TryGetValue(key, out var origin))
            {
                _origins.Add(key, origin = new SpanOrigin(_columns, tool, service, sender));
            }

            return origin;
        }

        // Most callers come before their calls.
        private int KeyOf(ReadOnlySpan<byte> parentId)
        {
            if (_columns.Ids.Find(parentId) is >= 0 and var parent)
            {
                return parent + 1;
            }

            _hasStrangers = true;
            _columns.Strangers.TryAdd(parentId, out var stranger);
            return ~stranger;
        }

        private int NumberOf(in ArtifactDigest digest)
        {
            _columns.Digests.TryAdd(digest, out var number);
            return number + 1;
        }

        private SpanDetails? DetailsOf(in SpanRow row, bool isLog, JsonElement attributes)
        {
            var failure = SpanFailure.Read(attributes);

            // Only a span of OpenTelemetry can get log records; theirs must then be put between its own events.
            var mayGetLogs = !isLog && row.SpanId.Contains((byte)':');
            var events = _patterns.Read(attributes, EpochUnit.ToNanoseconds(row.StartTs), mayGetLogs, out var times);
            _hasTimes |= times is not null;
            return failure is null && events.Count == 0 ? null : new SpanDetails(failure, events, times, null);
        }

        private void FindStrangers()
        {
            for (var number = 0; _hasStrangers && number < _nodes.Count; number++)
            {
                if (_nodes[number] is { ParentKey: < 0 } node && _columns.Ids.Find(_columns.Strangers[~node.ParentKey]) is >= 0 and var parent)
                {
                    node.ParentKey = parent + 1;
                }
            }
        }

        // A log record joins the call that it names; it stays a span of its own when that call is not here or is a log record, too, or
        // when it has calls below it or artifacts, which no log record has.
        private HashSet<SpanNode> JoinLogs()
        {
            HashSet<SpanNode> joined = [];
            if (!_hasLogs && !_hasTimes)
            {
                return joined;
            }

            SpanNode[] all = _nodes.ToArray();
            if (_hasLogs)
            {
                var callers = new bool[all.Length];
                foreach (var node in all.Where(static node => node.ParentKey > 0))
                {
                    callers[node.ParentKey - 1] = true;
                }

                joined = [.. all.Where(node => node is { IsLog: true, ParentKey: > 0, NamesArtifact: false }
                    && !all[node.ParentKey - 1].IsLog && !callers[node.Number])];
            }

            var logs = new Dictionary<SpanNode, List<SpanNode>>();
            foreach (var log in joined)
            {
                log.Parent = all[log.ParentKey - 1];
                (CollectionsMarshal.GetValueRefOrAddDefault(logs, log.Parent, out _) ??= []).Add(log);
            }

            foreach (var node in all)
            {
                node.Join(logs.GetValueOrDefault(node));
            }

            return joined;
        }

        // Where spans are found by the number in which they came, when that is not their place.
        private SpanNode[] Sorted(HashSet<SpanNode> logs, out SpanNode[]? byNumber)
        {
            var nodes = _nodes.ToArray();
            byNumber = null;
            if (logs.Count > 0)
            {
                byNumber = nodes;
                nodes = [.. nodes.Where(node => !logs.Contains(node))];
            }

            if (!IsInOrder(nodes))
            {
                byNumber ??= _nodes.ToArray();
                Array.Sort(nodes, Compare);
            }

            for (var i = 0; i < nodes.Length; i++)
            {
                nodes[i].Index = i;
            }

            return nodes;
        }

        // Stores list spans by start; only units that differ from span to span put them out of order.
        private bool IsInOrder(SpanNode[] nodes)
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
            if (node.ParentKey == node.Number + 1)
            {
                _anomalies.Add((node.Number, SpanAnomalyKind.SelfParent));
            }
            else if (node.ParentKey > 0)
            {
                node.Parent = _nodes[node.ParentKey - 1];
            }
            else if (node.ParentKey < 0)
            {
                _anomalies.Add((node.Number, node.IsLog && !_isBare ? SpanAnomalyKind.LogWithoutSpan : SpanAnomalyKind.UnknownParent));
            }
        }

        // Each node has one parent, so a walk upwards that meets itself has found the only cycle of its component; it is cut at the
        // earliest node of the cycle, which every order of arrival agrees on.
        private void CutCycles(SpanNode[] nodes)
        {
            // Where callers come first there is none.
            if (Array.TrueForAll(nodes, static node => node.Parent is null || node.Parent.Index < node.Index))
            {
                return;
            }

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
                _anomalies.Add((first.Number, SpanAnomalyKind.Cycle));
            }
        }

        private static void AttachChildren(SpanNode[] nodes)
        {
            var counts = new int[nodes.Length];
            foreach (var node in nodes.Where(node => node.Parent is not null))
            {
                counts[node.Parent!.Index]++;
            }

            var left = counts.AsSpan().ToArray();
            foreach (var node in nodes.Where(node => node.Parent is not null))
            {
                var parent = node.Parent!;
                parent.SetChild(node, left[parent.Index]--, counts[parent.Index]);
            }
        }

        private int Compare(SpanNode left, SpanNode right)
        {
            var byStart = left.StartNs.CompareTo(right.StartNs);
            return byStart != 0 ? byStart : _columns.Ids[left.Number].SequenceCompareTo(_columns.Ids[right.Number]);
        }

        // Each of these texts is one object.
        private sealed class SameTexts : IEqualityComparer<(string Tool, string? Service, string? Sender)>
        {
            public bool Equals((string Tool, string? Service, string? Sender) x, (string Tool, string? Service, string? Sender) y) =>
                ReferenceEquals(x.Tool, y.Tool) && ReferenceEquals(x.Service, y.Service) && ReferenceEquals(x.Sender, y.Sender);

            public int GetHashCode((string Tool, string? Service, string? Sender) origin) => HashCode.Combine(
                RuntimeHelpers.GetHashCode(origin.Tool), RuntimeHelpers.GetHashCode(origin.Service), RuntimeHelpers.GetHashCode(origin.Sender));
        }
    }
}
