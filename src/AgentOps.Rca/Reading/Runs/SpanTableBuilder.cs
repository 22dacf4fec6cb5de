using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>Takes spans one by one and makes a <see cref="SpanTable"/> of them. Cycles, orphans and repeated ids do not stop it, and nothing recurses.</summary>
/// <param name="expected">How many spans there may be, so that a million of them are not moved each time that their columns grow; more or fewer may come.</param>
internal sealed class SpanTableBuilder(int expected = 0)
{
    private const int None = SpanTable.None;

    private readonly List<long> _starts = new(expected);
    private readonly List<long> _ends = new(expected);
    private readonly List<int> _tools = new(expected);
    private readonly List<int> _services = new(expected);
    private readonly List<SpanMarks> _marks = new(expected);
    private readonly List<int> _idEnds = new(expected);
    // Where the parent's id of each ends; the complement of that where it has none.
    private readonly List<int> _parentEnds = new(expected);
    private readonly List<bool> _isEvidence = [];
    private readonly Dictionary<string, int> _toolPlaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _servicePlaces =
        new Dictionary<string, int>(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
    private readonly List<string> _serviceNames = [];
    private byte[] _ids = new byte[1 << 16];
    private byte[] _parents = new byte[1 << 16];
    private int _idLength;
    private int _parentLength;
    private int _log = None;

    /// <summary>How many spans were taken.</summary>
    public int Count => _starts.Count;

    /// <summary>Takes a span; one that is no evidence is left out.</summary>
    /// <param name="span">The span.</param>
    public void Add(Span span)
    {
        using var text = new SpanRowText(span);
        Add(text.Row);
    }

    /// <summary>The same of a span that is no record.</summary>
    /// <param name="span">The span.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(in SpanRow span)
    {
        var tool = PlaceOf(span.Tool);
        if (!_isEvidence[tool])
        {
            return;
        }

        var (start, end) = (EpochUnit.ToNanoseconds(span.StartTs), EpochUnit.ToNanoseconds(span.EndTs));
        var (failed, service) = SpanGlance.Read(span.Attributes);
        var noEnd = span.EndTs == 0 && start > 0;
        _starts.Add(start);
        _ends.Add(noEnd ? start : end);
        _tools.Add(tool);
        _services.Add(service.Length == 0 ? None : ServiceOf(service));
        _marks.Add((failed ? SpanMarks.Failed : 0) | (tool == _log ? SpanMarks.Log : 0)
            | (noEnd ? SpanMarks.NoEnd : end < start ? SpanMarks.EndsBeforeStart : 0));
        Append(ref _ids, ref _idLength, span.SpanId);
        _idEnds.Add(_idLength);
        Append(ref _parents, ref _parentLength, span.ParentId);
        _parentEnds.Add(span.HasParent ? _parentLength : ~_parentLength);
    }

    /// <summary>Makes the table of all that were taken.</summary>
    public SpanTable Build()
    {
        var order = Order();
        var (ids, idEnds) = Ids(order);
        var index = Index(ids, idEnds);
        var marks = Gather(_marks, order);
        var parents = Parents(order, ids, idEnds, index, marks);
        var starts = Gather(_starts, order);
        var ends = Gather(_ends, order);
        var tools = Gather(_tools, order);
        CutCycles(parents);
        var byRank = Ranks(parents);
        var depth = new int[parents.Length];
        var lanes = new Lanes(this, tools);
        var lane = new int[parents.Length];
        foreach (var span in byRank)
        {
            var parent = parents[span];
            depth[span] = parent == None ? 0 : depth[parent] + 1;
            lane[span] = lanes.Of(span, parent == None ? None : lane[parent], _services[order is null ? span : order[span]]);
        }

        Spread(marks, parents);
        var skew = Align(starts, ends, parents);
        return new SpanTable(
            new SpanColumns(starts, ends, parents, tools, lane, marks, depth, byRank, [.. _toolPlaces.Keys], lanes.All, skew), ids, idEnds, index);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int PlaceOf(ReadOnlySpan<byte> utf8)
    {
        Span<char> name = utf8.Length <= 256 ? stackalloc char[256] : new char[utf8.Length];
        name = name[..Encoding.UTF8.GetChars(utf8, name)];
        var places = _toolPlaces.GetAlternateLookup<ReadOnlySpan<char>>();
        if (places.TryGetValue(name, out var place))
        {
            return place;
        }

        var tool = name.ToString();
        place = _toolPlaces.Count;
        _toolPlaces.Add(tool, place);
        _isEvidence.Add(ToolNames.IsEvidence(tool));
        _log = tool == ToolNames.Log ? place : _log;
        return place;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int ServiceOf(ReadOnlySpan<byte> utf8)
    {
        Span<char> name = utf8.Length <= 256 ? stackalloc char[256] : new char[utf8.Length];
        name = name[..Encoding.UTF8.GetChars(utf8, name)];
        if (_servicePlaces.TryGetValue(name, out var place))
        {
            return place;
        }

        _servicePlaces[name] = _serviceNames.Count;
        _serviceNames.Add(name.ToString());
        return _serviceNames.Count - 1;
    }

    private static void Append(ref byte[] bytes, ref int length, ReadOnlySpan<byte> text)
    {
        if (length + text.Length > bytes.Length)
        {
            Array.Resize(ref bytes, Math.Max(length + text.Length, (int)Math.Min(Array.MaxLength, bytes.Length * 2L)));
        }

        text.CopyTo(bytes.AsSpan(length));
        length += text.Length;
    }

    private static T[] Gather<T>(List<T> column, int[]? order) => order is null ? [.. column] : Array.ConvertAll(order, place => column[place]);

    // By start, then by the bytes of the id: stores list by the time as it is stored, which may be in several units. Null when they came in this order.
    private int[]? Order()
    {
        var i = 1;
        while (i < Count && Compare(i - 1, i) <= 0)
        {
            i++;
        }

        if (i >= Count)
        {
            return null;
        }

        int[] order = [.. Enumerable.Range(0, Count)];
        Array.Sort(order, Compare);
        return order;
    }

    private int Compare(int left, int right)
    {
        var byStart = _starts[left].CompareTo(_starts[right]);
        return byStart != 0 ? byStart : IdOf(left).SequenceCompareTo(IdOf(right));
    }

    private ReadOnlySpan<byte> IdOf(int taken)
    {
        var start = taken == 0 ? 0 : _idEnds[taken - 1];
        return _ids.AsSpan(start, _idEnds[taken] - start);
    }

    private (byte[] Ids, int[] Ends) Ids(int[]? order)
    {
        if (order is null)
        {
            return (_ids.AsSpan(0, _idLength).ToArray(), [.. _idEnds]);
        }

        var ids = new byte[_idLength];
        var ends = new int[order.Length];
        var length = 0;
        for (var i = 0; i < order.Length; i++)
        {
            var id = IdOf(order[i]);
            id.CopyTo(ids.AsSpan(length));
            ends[i] = length += id.Length;
        }

        return (ids, ends);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int[] Index(byte[] ids, int[] idEnds)
    {
        var index = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, idEnds.Length * 2))];
        for (var i = 0; i < idEnds.Length; i++)
        {
            var slot = (int)(SpanTable.Hash(SpanTable.IdBytes(ids, idEnds, i)) & (uint)(index.Length - 1));
            while (index[slot] != 0)
            {
                slot = (slot + 1) & (index.Length - 1);
            }

            index[slot] = i + 1;
        }

        return index;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int[] Parents(int[]? order, byte[] ids, int[] idEnds, int[] index, SpanMarks[] marks)
    {
        var parents = new int[Count];
        for (var i = 0; i < parents.Length; i++)
        {
            var taken = order is null ? i : order[i];
            var end = _parentEnds[taken];
            if (end < 0)
            {
                parents[i] = None;
                continue;
            }

            var start = taken == 0 ? 0 : _parentEnds[taken - 1];
            start = start < 0 ? ~start : start;
            parents[i] = SpanTable.Find(ids, idEnds, index, _parents.AsSpan(start, end - start));
            marks[i] |= parents[i] == None ? SpanMarks.UnknownParent : 0;
            parents[i] = parents[i] == i ? None : parents[i];
        }

        return parents;
    }

    // As the forest does: a walk upwards that meets itself has found a cycle, which is cut at its earliest span.
    private static void CutCycles(int[] parents)
    {
        var walk = new int[parents.Length];
        for (var i = 0; i < parents.Length; i++)
        {
            var at = i;
            while (at != None && walk[at] == 0)
            {
                walk[at] = i + 1;
                at = parents[at];
            }

            if (at == None || walk[at] != i + 1)
            {
                continue;
            }

            var first = at;
            for (var other = parents[at]; other != at; other = parents[other])
            {
                first = Math.Min(first, other);
            }

            parents[first] = None;
        }
    }

    private static int[] Ranks(int[] parents)
    {
        // The last child of each, and the one before each: pushed in this order, a stack gives the first one first.
        var (last, before) = (new int[parents.Length], new int[parents.Length]);
        Array.Fill(last, None);
        List<int> roots = [];
        for (var i = 0; i < parents.Length; i++)
        {
            if (parents[i] == None)
            {
                roots.Add(i);
            }
            else
            {
                before[i] = last[parents[i]];
                last[parents[i]] = i;
            }
        }

        var ranked = new int[parents.Length];
        var open = new Stack<int>();
        var rank = 0;
        foreach (var root in roots)
        {
            open.Push(root);
            while (open.TryPop(out var span))
            {
                ranked[rank++] = span;
                for (var child = last[span]; child != None; child = before[child])
                {
                    open.Push(child);
                }
            }
        }

        return ranked;
    }

    // A log record tells of the call above it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread(SpanMarks[] marks, int[] parents)
    {
        for (var i = 0; i < marks.Length; i++)
        {
            if (marks[i].HasFlag(SpanMarks.Log) && parents[i] is not None and var call && !marks[call].HasFlag(SpanMarks.Log))
            {
                marks[call] |= marks[i] & SpanMarks.Failed;
            }
        }
    }

    private static SpanSkew? Align(long[] starts, long[] ends, int[] parents)
    {
        if (ClockSkew.Shifts(new Times(starts, ends), place => parents[place]) is not { } shifts)
        {
            return null;
        }

        var (moved, largest) = (0, 0L);
        for (var i = 0; i < shifts.Length; i++)
        {
            if (shifts[i] != 0)
            {
                moved++;
                largest = Math.Max(largest, shifts[i] == long.MinValue ? long.MaxValue : Math.Abs(shifts[i]));
                starts[i] = Saturated(starts[i], shifts[i]);
                ends[i] = Saturated(ends[i], shifts[i]);
            }
        }

        return moved == 0 ? null : new SpanSkew(shifts, moved, largest);
    }

    private static long Saturated(long time, long shift) => (long)Int128.Clamp((Int128)time + shift, long.MinValue, long.MaxValue);

    private sealed class Times(long[] starts, long[] ends) : IReadOnlyList<(long StartNs, long EndNs)>
    {
        public int Count => starts.Length;

        public (long StartNs, long EndNs) this[int index] => (starts[index], ends[index]);

        public IEnumerator<(long StartNs, long EndNs)> GetEnumerator() => starts.Zip(ends).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>Which lane a span is drawn in: that of its own agent and service, or else of the one above it.</summary>
    private sealed class Lanes(SpanTableBuilder builder, int[] tools)
    {
        private readonly Dictionary<(int Agent, int Service), int> _places = [];
        private readonly List<(int Agent, int Service)> _keys = [];
        private readonly string[] _tools = [.. builder._toolPlaces.Keys];

        public IReadOnlyList<SpanLane> All => [.. _keys.Select(key => new SpanLane(
            key.Agent == None ? null : _tools[key.Agent][ToolNames.AgentRunPrefix.Length..], key.Service == None ? null : builder._serviceNames[key.Service]))];

        public int Of(int span, int above, int service)
        {
            var inherited = above == None ? (Agent: None, Service: None) : _keys[above];
            var key = (
                Agent: _tools[tools[span]].StartsWith(ToolNames.AgentRunPrefix, StringComparison.Ordinal) ? tools[span] : inherited.Agent,
                Service: service != None ? service : inherited.Service);
            ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, key, out var isKnown);
            if (!isKnown)
            {
                place = _keys.Count;
                _keys.Add(key);
            }

            return place;
        }
    }
}
