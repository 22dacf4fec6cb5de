namespace AgentOps.Rca.Reading;

/// <summary>Finds the times in which nothing ran: no call that makes no other call.</summary>
internal static class TimelineGaps
{
    private const int MostGaps = 20;
    private const double LeastShare = 0.01;

    /// <summary>The longest gaps of a range in the order of time, and how many nanoseconds of it are idle.</summary>
    public static (IReadOnlyList<Gap> Gaps, double IdleNs) Of(SpanTable table, RunExtent extent, TimeRange range)
    {
        List<Gap> gaps = [];
        var idle = 0.0;
        var busyUntil = range.FromNs;
        foreach (var span in extent.LeavesByStart)
        {
            var (start, end) = (table.StartNs[span], Math.Max(table.StartNs[span], table.EndNs[span]));
            if (start >= range.ToNs)
            {
                break;
            }

            if (start > busyUntil)
            {
                Add(new Gap(busyUntil, start));
            }

            busyUntil = Math.Max(busyUntil, end);
        }

        if (busyUntil < range.ToNs)
        {
            Add(new Gap(busyUntil, range.ToNs));
        }

        return ([.. gaps.OrderByDescending(static gap => gap.Length).Take(MostGaps).OrderBy(static gap => gap.FromNs)], idle);

        void Add(Gap gap)
        {
            idle += gap.Length;
            if (gap.Length >= range.Length * LeastShare)
            {
                gaps.Add(gap);
            }
        }
    }

    /// <summary>A time in which nothing ran.</summary>
    internal readonly record struct Gap(long FromNs, long ToNs)
    {
        public double Length => (double)((Int128)ToNs - FromNs);
    }
}
