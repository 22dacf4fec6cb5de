namespace AgentOps.Rca.Reading;

/// <summary>What is asked of a run again and again when it is drawn: from when to when it is, what failed, and what makes no other call.</summary>
internal sealed class RunExtent
{
    private RunExtent(int[] leavesByStart, int[] failedByStart)
    {
        LeavesByStart = leavesByStart;
        FailedByStart = failedByStart;
    }

    /// <summary>The first start.</summary>
    public long StartNs { get; private init; }

    /// <summary>The last end.</summary>
    public long EndNs { get; private init; }

    /// <summary>How many calls there are.</summary>
    public int Spans { get; private init; }

    /// <summary>How many of them failed.</summary>
    public int Failed => FailedByStart.Length;

    public int WithoutEnd { get; private init; }

    public int EndBeforeStart { get; private init; }

    public int UnknownParents { get; private init; }

    /// <summary>The calls that make no other call, by start.</summary>
    public int[] LeavesByStart { get; }

    /// <summary>The calls that failed, by start.</summary>
    public int[] FailedByStart { get; }

    /// <summary>Whether a span is drawn: a log record is told with its call.</summary>
    public static bool IsDrawn(SpanTable table, int span) => !table.Flags[span].HasFlag(SpanMarks.Log) || table.Parent[span] == SpanTable.None;

    /// <summary>Looks through a run once.</summary>
    public static RunExtent Of(SpanTable table)
    {
        var calls = new bool[table.Count];
        for (var span = 0; span < table.Count; span++)
        {
            if (table.Parent[span] is not SpanTable.None and var parent && !table.Flags[span].HasFlag(SpanMarks.Log))
            {
                calls[parent] = true;
            }
        }

        List<int> leaves = [], failed = [];
        var (start, end, spans, withoutEnd, before, unknown) = (long.MaxValue, long.MinValue, 0, 0, 0, 0);
        for (var span = 0; span < table.Count; span++)
        {
            if (!IsDrawn(table, span))
            {
                continue;
            }

            spans++;
            var flags = table.Flags[span];
            start = Math.Min(start, table.StartNs[span]);
            end = Math.Max(end, Math.Max(table.StartNs[span], table.EndNs[span]));
            withoutEnd += flags.HasFlag(SpanMarks.NoEnd) ? 1 : 0;
            before += flags.HasFlag(SpanMarks.EndsBeforeStart) ? 1 : 0;
            unknown += flags.HasFlag(SpanMarks.UnknownParent) ? 1 : 0;
            if (!calls[span])
            {
                leaves.Add(span);
            }

            if (flags.HasFlag(SpanMarks.Failed))
            {
                failed.Add(span);
            }
        }

        return new RunExtent(Sorted(table, leaves), Sorted(table, failed))
        {
            StartNs = start,
            EndNs = end,
            Spans = spans,
            WithoutEnd = withoutEnd,
            EndBeforeStart = before,
            UnknownParents = unknown,
        };
    }

    // Where clocks were moved, the order of the table is not that of the times.
    private static int[] Sorted(SpanTable table, List<int> spans)
    {
        int[] sorted = [.. spans];
        if (table.Skew is not null)
        {
            Array.Sort(sorted, (left, right) => table.StartNs[left] != table.StartNs[right]
                ? table.StartNs[left].CompareTo(table.StartNs[right]) : left.CompareTo(right));
        }

        return sorted;
    }
}
