namespace AgentOps.Rca.Spans;

/// <summary>Where spans lie that started before or since an instant: timestamps are stored as given, in four units.</summary>
internal static class EpochRanges
{
    private static readonly long[] Edges = [-99_999_999_999, 100_000_000_000, 100_000_000_000_000, 100_000_000_000_000_000];

    /// <summary>The ranges of <c>start_ts</c> as stored: from the first, up to but without the second.</summary>
    public static IEnumerable<(long FromTs, long ToTs)> Before(DateTimeOffset instant)
    {
        var nanoseconds = EpochUnit.FromInstant(instant);
        for (var i = 0; i < Edges.Length; i++)
        {
            var to = Math.Min(nanoseconds / EpochUnit.NanosecondsPerTick(Edges[i]), EndOf(i));
            if (to > Edges[i])
            {
                yield return (Edges[i], to);
            }
        }
    }

    /// <summary>The ranges of <c>start_ts</c> as stored: from the first, up to but without the second.</summary>
    public static IEnumerable<(long FromTs, long ToTs)> Since(DateTimeOffset instant)
    {
        var nanoseconds = EpochUnit.FromInstant(instant);
        for (var i = 0; i < Edges.Length; i++)
        {
            var from = Math.Max(nanoseconds / EpochUnit.NanosecondsPerTick(Edges[i]), Edges[i]);
            if (from < EndOf(i))
            {
                yield return (from, EndOf(i));
            }
        }
    }

    private static long EndOf(int unit) => unit + 1 < Edges.Length ? Edges[unit + 1] : long.MaxValue;
}
