namespace AgentOps.Rca.Spans;

/// <summary>
/// How far the clocks of different machines disagree, measured where a call begins before the one that made it: no call can. What lies below
/// such a call and agrees with it has its clock. Linear in the spans.
/// </summary>
internal static class ClockSkew
{
    /// <summary>Less than this is what clocks that are kept in step differ by, or how times were rounded.</summary>
    public const long LeastNs = 100_000_000;

    private const int None = -1;

    /// <summary>
    /// What has to be added to the times of each call so that none begins before the one that made it, in nanoseconds; null when no clock
    /// disagrees.
    /// </summary>
    /// <param name="calls">When each call started and ended.</param>
    /// <param name="parentOf">The place of the call that made it, or less than 0.</param>
    public static long[]? Shifts(IReadOnlyList<(long StartNs, long EndNs)> calls, Func<int, int> parentOf)
    {
        var isSkewed = false;
        for (var i = 0; i < calls.Count && !isSkewed; i++)
        {
            isSkewed = parentOf(i) is >= 0 and var parent && IsBefore(calls[i].StartNs, calls[parent].StartNs);
        }

        if (!isSkewed)
        {
            return null;
        }

        var shifts = new long[calls.Count];
        var state = new byte[calls.Count];
        var path = new Stack<int>();
        for (var i = 0; i < calls.Count; i++)
        {
            // From the call upwards to one that is settled; a cycle ends at a call that is on the way already.
            for (var at = i; at >= 0 && state[at] == 0; at = parentOf(at))
            {
                state[at] = 1;
                path.Push(at);
            }

            while (path.TryPop(out var at))
            {
                var parent = parentOf(at);
                shifts[at] = parent >= 0 && state[parent] == 2 ? Shift(calls[at], calls[parent], shifts[parent]) : 0;
                state[at] = 2;
            }
        }

        return shifts;
    }

    /// <summary>The same for the calls of a forest, by <see cref="SpanNode.Index"/>.</summary>
    public static long[]? Of(SpanForest spans) =>
        Shifts(new Times(spans.Nodes), place => spans.Nodes[place].Parent?.Index ?? None);

    /// <summary>Whether a call begins before the one that made it by more than clocks in step differ.</summary>
    public static bool IsBefore(long startNs, long parentStartNs) => (Int128)parentStartNs - startNs >= LeastNs;

    // It has the clock of the call that made it, or the one that nothing was added to, where it then lies within that call; else its own.
    private static long Shift((long Start, long End) call, (long Start, long End) parent, long shift)
    {
        var (from, to) = ((Int128)parent.Start + shift, (Int128)parent.End + shift);
        if (IsWithin(shift))
        {
            return shift;
        }

        if (shift != 0 && IsWithin(0))
        {
            return 0;
        }

        if ((Int128)call.Start + shift > from - LeastNs)
        {
            return shift;
        }

        // In the middle of the call that made it, where it has room: the ways there and back take as long.
        var room = (to - from) - ((Int128)call.End - call.Start);
        return (long)Int128.Clamp(from + (room > 0 ? room / 2 : 0) - call.Start, long.MinValue, long.MaxValue);

        bool IsWithin(long added) => (Int128)call.Start + added > from - LeastNs && (Int128)call.End + added < to + LeastNs;
    }

    private sealed class Times(IReadOnlyList<SpanNode> nodes) : IReadOnlyList<(long StartNs, long EndNs)>
    {
        public int Count => nodes.Count;

        public (long StartNs, long EndNs) this[int index] => (nodes[index].StartNs, nodes[index].EndNs);

        public IEnumerator<(long StartNs, long EndNs)> GetEnumerator() => nodes.Select(node => (node.StartNs, node.EndNs)).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
