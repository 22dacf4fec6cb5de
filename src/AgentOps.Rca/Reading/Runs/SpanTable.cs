using System.Text;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>
/// What pictures of a run need of the evidence of an incident, a column for each: some 90 bytes a span, so that a million of them can be
/// remembered. Spans stand by start, then by id, as in <see cref="SpanForest"/>.
/// </summary>
internal sealed class SpanTable
{
    /// <summary>No span.</summary>
    public const int None = -1;

    private readonly byte[] _ids;
    private readonly int[] _idEnds;
    private readonly int[] _index;

    internal SpanTable(SpanColumns columns, byte[] ids, int[] idEnds, int[] index)
    {
        _ids = ids;
        _idEnds = idEnds;
        _index = index;
        (StartNs, EndNs, Parent, Tool, Lane, Flags, Depth, ByRank) =
            (columns.StartNs, columns.EndNs, columns.Parent, columns.Tool, columns.Lane, columns.Flags, columns.Depth, columns.ByRank);
        (Tools, Lanes, Skew) = (columns.Tools, columns.Lanes, columns.Skew);
    }

    /// <summary>How many spans there are.</summary>
    public int Count => StartNs.Length;

    /// <summary>When each started, in nanoseconds, where clocks disagree as its caller's clock has it.</summary>
    public long[] StartNs { get; }

    /// <summary>When each ended, on the same clock.</summary>
    public long[] EndNs { get; }

    /// <summary>The place of the span that made the call, or <see cref="None"/>.</summary>
    public int[] Parent { get; }

    /// <summary>The place of each tool in <see cref="Tools"/>.</summary>
    public int[] Tool { get; }

    /// <summary>The place of each lane in <see cref="Lanes"/>.</summary>
    public int[] Lane { get; }

    /// <summary>What else is known of each.</summary>
    public SpanMarks[] Flags { get; }

    /// <summary>How many calls lie above each.</summary>
    public int[] Depth { get; }

    /// <summary>The spans as a tree is read: each call before those that it made.</summary>
    public int[] ByRank { get; }

    /// <summary>The tools, each once.</summary>
    public IReadOnlyList<string> Tools { get; }

    /// <summary>The lanes, each once, in the order in which they first began.</summary>
    public IReadOnlyList<SpanLane> Lanes { get; }

    /// <summary>By how much clocks were moved, or null when they agree.</summary>
    public SpanSkew? Skew { get; }

    /// <summary>How many bytes it takes.</summary>
    public long Bytes => _ids.Length + (Count * (8L + 8 + 4 + 4 + 4 + 1 + 4 + 4 + 4)) + (_index.Length * 4L) + (Skew is null ? 0 : Count * 8L);

    /// <summary>The id of a span.</summary>
    /// <param name="span">Its place.</param>
    public string IdOf(int span) => Encoding.UTF8.GetString(IdBytes(_ids, _idEnds, span));

    /// <summary>The same as UTF-8.</summary>
    /// <param name="span">Its place.</param>
    public ReadOnlySpan<byte> IdBytesOf(int span) => IdBytes(_ids, _idEnds, span);

    /// <summary>The place of a span, or <see cref="None"/>.</summary>
    /// <param name="spanId">Its id.</param>
    public int Find(string spanId) => Find(_ids, _idEnds, _index, Encoding.UTF8.GetBytes(spanId));

    /// <summary>The same by the bytes of the id.</summary>
    internal static int Find(byte[] ids, int[] idEnds, int[] index, ReadOnlySpan<byte> id)
    {
        for (var slot = (int)(Hash(id) & (uint)(index.Length - 1)); index[slot] != 0; slot = (slot + 1) & (index.Length - 1))
        {
            if (IdBytes(ids, idEnds, index[slot] - 1).SequenceEqual(id))
            {
                return index[slot] - 1;
            }
        }

        return None;
    }

    internal static ReadOnlySpan<byte> IdBytes(byte[] ids, int[] idEnds, int span)
    {
        var start = span == 0 ? 0 : idEnds[span - 1];
        return ids.AsSpan(start, idEnds[span] - start);
    }

    internal static uint Hash(ReadOnlySpan<byte> id)
    {
        var hash = new HashCode();
        hash.AddBytes(id);
        return (uint)hash.ToHashCode();
    }
}

/// <summary>The columns of a <see cref="SpanTable"/>.</summary>
internal sealed record SpanColumns(
    long[] StartNs, long[] EndNs, int[] Parent, int[] Tool, int[] Lane, SpanMarks[] Flags, int[] Depth, int[] ByRank,
    IReadOnlyList<string> Tools, IReadOnlyList<SpanLane> Lanes, SpanSkew? Skew);

/// <summary>Where calls are drawn together.</summary>
/// <param name="Agent">The agent whose run they are part of, or null.</param>
/// <param name="Service">The service that they ran in, or null when none of them and of those above says.</param>
internal sealed record SpanLane(string? Agent, string? Service);

/// <summary>By how much clocks were moved.</summary>
/// <param name="ShiftNs">What was added to the times of each span.</param>
/// <param name="Spans">How many spans were moved.</param>
/// <param name="LargestNs">The most that one was moved by.</param>
internal sealed record SpanSkew(long[] ShiftNs, int Spans, long LargestNs);

/// <summary>What is known of a span beside its times.</summary>
[Flags]
internal enum SpanMarks : byte
{
    None = 0,

    /// <summary>It failed, as its attributes or one of its log records say.</summary>
    Failed = 1,

    /// <summary>It is a log record of the call above it, and no call.</summary>
    Log = 2,

    /// <summary>It has no end: the record gives 0.</summary>
    NoEnd = 4,

    /// <summary>It ends before it starts.</summary>
    EndsBeforeStart = 8,

    /// <summary>The call that made it is not among the spans.</summary>
    UnknownParent = 16,
}
