using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Retention;

/// <summary>Where the spans that started before an instant lie: timestamps are stored as given, in four units.</summary>
internal static class BaselineRanges
{
    private static readonly long[] Edges = [-99_999_999_999, 100_000_000_000, 100_000_000_000_000, 100_000_000_000_000_000];

    /// <summary>The ranges of <c>start_ts</c> as stored: from the first, up to but without the second.</summary>
    public static IEnumerable<(long FromTs, long ToTs)> Before(DateTimeOffset instant)
    {
        var nanoseconds = EpochUnit.FromInstant(instant);
        for (var i = 0; i < Edges.Length; i++)
        {
            var to = nanoseconds / EpochUnit.NanosecondsPerTick(Edges[i]);
            var edge = i + 1 < Edges.Length ? Edges[i + 1] : long.MaxValue;
            if (Math.Min(to, edge) > Edges[i])
            {
                yield return (Edges[i], Math.Min(to, edge));
            }
        }
    }
}
