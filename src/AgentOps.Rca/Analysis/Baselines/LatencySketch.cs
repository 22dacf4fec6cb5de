namespace AgentOps.Rca.Analysis.Baselines;

/// <summary>
/// Durations in buckets that grow by a tenth (Masson, Rim, Lee: DDSketch, VLDB 2019): quantiles are within 5 %, two sketches merge by
/// adding, and a million durations need no more room than a few hundred numbers. Durations are in nanoseconds; negative ones count as 0.
/// </summary>
public sealed record LatencySketch
{
    private const double Growth = 1.1;
    private static readonly double LogGrowth = Math.Log(Growth);

    /// <summary>How many durations fell into each bucket; bucket 0 holds those below a nanosecond.</summary>
    public IReadOnlyDictionary<int, long> Buckets { get; init; } = new SortedDictionary<int, long>();

    /// <summary>How many durations there are.</summary>
    /// <returns>The sum of all buckets.</returns>
    public long Count() => Buckets.Values.Sum();

    /// <summary>Sums durations up.</summary>
    /// <param name="durationsNs">The durations.</param>
    public static LatencySketch Of(IEnumerable<long> durationsNs)
    {
        ArgumentNullException.ThrowIfNull(durationsNs);
        var buckets = new SortedDictionary<int, long>();
        foreach (var duration in durationsNs)
        {
            var bucket = BucketOf(duration);
            buckets[bucket] = buckets.GetValueOrDefault(bucket) + 1;
        }

        return new LatencySketch { Buckets = buckets };
    }

    /// <summary>The sketch of the durations of both.</summary>
    /// <param name="other">The other sketch.</param>
    public LatencySketch Merge(LatencySketch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var buckets = new SortedDictionary<int, long>();
        foreach (var (bucket, count) in Buckets.Concat(other.Buckets))
        {
            buckets[bucket] = buckets.GetValueOrDefault(bucket) + count;
        }

        return new LatencySketch { Buckets = buckets };
    }

    /// <summary>The duration at a quantile, in nanoseconds; 0 when there is none.</summary>
    /// <param name="quantile">From 0 to 1.</param>
    public double Quantile(double quantile)
    {
        var rank = Math.Clamp(quantile, 0, 1) * (Count() - 1);
        var seen = 0L;
        foreach (var (bucket, count) in Buckets.OrderBy(pair => pair.Key))
        {
            seen += count;
            if (seen > rank)
            {
                return ValueOf(bucket);
            }
        }

        return 0;
    }

    /// <summary>A duration as the sketch keeps it, so that both sides of a comparison are rounded alike.</summary>
    /// <param name="durationNs">The duration.</param>
    public static double Round(long durationNs) => ValueOf(BucketOf(durationNs));

    private static int BucketOf(long duration) => duration < 1 ? 0 : 1 + (int)Math.Round(Math.Log(duration) / LogGrowth);

    private static double ValueOf(int bucket) => bucket == 0 ? 0 : Math.Exp((bucket - 1) * LogGrowth);
}
