using System.Runtime.CompilerServices;

namespace AgentOps.Rca.Reading;

/// <summary>
/// Sums up the calls of a range for each lane and pixel. A call is at least one pixel wide, and failures are counted apart, so that one of a
/// microsecond among a million calls is seen. Linear in the calls, and bounded by lanes and pixels.
/// </summary>
internal sealed class TimelineLanes
{
    private const int MostLanes = 64;

    /// <summary>How many calls lie in the range.</summary>
    public int Spans { get; private set; }

    /// <summary>How many of them failed.</summary>
    public int Failed { get; private set; }

    /// <summary>How many lanes are left out.</summary>
    public int LeftOut { get; private set; }

    /// <summary>The lanes.</summary>
    public IReadOnlyList<TimelineLane> Lanes { get; private set; } = [];

    /// <summary>Sums up a range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static TimelineLanes Of(SpanTable table, TimeRange range, int px)
    {
        var summed = new TimelineLanes();
        var counts = new (int Spans, int Failed)[table.Lanes.Count];
        for (var span = 0; span < table.Count; span++)
        {
            if (RunExtent.IsDrawn(table, span) && range.Touches(table.StartNs[span], table.EndNs[span]))
            {
                ref var count = ref counts[table.Lane[span]];
                count.Spans++;
                count.Failed += table.Flags[span].HasFlag(SpanMarks.Failed) ? 1 : 0;
            }
        }

        var filled = Enumerable.Range(0, counts.Length).Where(lane => counts[lane].Spans > 0).ToList();
        var shown = filled.Count <= MostLanes ? filled
            : [.. filled.OrderByDescending(lane => counts[lane].Failed > 0).ThenByDescending(lane => counts[lane].Spans).Take(MostLanes).Order()];
        var rows = new Row?[counts.Length];
        foreach (var lane in shown)
        {
            rows[lane] = new Row(px);
        }

        var perNanosecond = px / range.Length;
        for (var span = 0; span < table.Count; span++)
        {
            var (start, end) = (table.StartNs[span], Math.Max(table.StartNs[span], table.EndNs[span]));
            if (rows[table.Lane[span]] is { } row && RunExtent.IsDrawn(table, span) && range.Touches(start, end))
            {
                row.Add(table, span, X(start), Math.Max(X(start), X(end, isEnd: true)));
            }
        }

        summed.Spans = counts.Sum(static count => count.Spans);
        summed.Failed = counts.Sum(static count => count.Failed);
        summed.LeftOut = filled.Count - shown.Count;
        summed.Lanes = [.. shown.Select(lane => new TimelineLane(
            table.Lanes[lane].Agent, table.Lanes[lane].Service, counts[lane].Spans, counts[lane].Failed, rows[lane]!.Segments(table)))];
        return summed;

        // A call that ends where a pixel begins does not reach into it.
        int X(long time, bool isEnd = false)
        {
            var x = (double)((Int128)time - range.FromNs) * perNanosecond;
            return (int)Math.Clamp(isEnd ? Math.Ceiling(x) - 1 : Math.Floor(x), 0, px - 1);
        }
    }

    /// <summary>A lane while it is summed up: how much more runs from each pixel on, and what begins in it.</summary>
    private sealed class Row(int px)
    {
        private readonly int[] _spans = new int[px + 1];
        private readonly int[] _failed = new int[px + 1];
        private readonly int[] _longest = Filled(px);
        private readonly int[] _longestEnd = new int[px];
        private readonly int[] _firstFailed = Filled(px);
        private readonly int[] _failedEnd = new int[px];

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Add(SpanTable table, int span, int from, int to)
        {
            _spans[from]++;
            _spans[to + 1]--;
            if (_longest[from] == SpanTable.None || _longestEnd[from] < to
                || (_longestEnd[from] == to && LengthOf(table, span) > LengthOf(table, _longest[from])))
            {
                (_longest[from], _longestEnd[from]) = (span, to);
            }

            if (table.Flags[span].HasFlag(SpanMarks.Failed))
            {
                _failed[from]++;
                _failed[to + 1]--;
                if (_firstFailed[from] == SpanTable.None || _failedEnd[from] < to)
                {
                    (_firstFailed[from], _failedEnd[from]) = (span, to);
                }
            }
        }

        public List<TimelineSegment> Segments(SpanTable table)
        {
            List<TimelineSegment> segments = [];
            var (spans, failed, top, topEnd, bad, badEnd) = (0, 0, SpanTable.None, -1, SpanTable.None, -1);
            var (before, width) = ((Spans: 0, Failed: 0, Top: SpanTable.None, Bad: SpanTable.None), 0);
            for (var x = 0; x <= px; x++)
            {
                var now = (Spans: 0, Failed: 0, Top: SpanTable.None, Bad: SpanTable.None);
                if (x < px)
                {
                    spans += _spans[x];
                    failed += _failed[x];
                    (top, topEnd) = Next(x, top, topEnd, _longest[x], _longestEnd[x]);
                    (bad, badEnd) = Next(x, bad, badEnd, _firstFailed[x], _failedEnd[x]);
                    now = spans == 0 ? now : (spans, failed, top, failed == 0 ? SpanTable.None : bad);
                }

                if (x > 0 && now == before && x < px)
                {
                    width++;
                    continue;
                }

                if (before.Spans > 0)
                {
                    var named = before.Bad != SpanTable.None ? before.Bad : before.Top;
                    segments.Add(new TimelineSegment(x - width, width, before.Spans, before.Failed, table.Tools[table.Tool[named]], table.IdOf(named)));
                }

                (before, width) = (now, 1);
            }

            return segments;
        }

        // What runs on from the left goes on being named until it ends, or until something begins that reaches further.
        private static (int Span, int End) Next(int x, int span, int end, int begins, int beginsEnd) =>
            begins != SpanTable.None && (end < x || beginsEnd > end) ? (begins, beginsEnd) : end < x ? (SpanTable.None, -1) : (span, end);

        private static long LengthOf(SpanTable table, int span) => table.EndNs[span] - table.StartNs[span];

        private static int[] Filled(int length)
        {
            var places = new int[length];
            Array.Fill(places, SpanTable.None);
            return places;
        }
    }
}
