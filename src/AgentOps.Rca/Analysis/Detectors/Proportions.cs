namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>Shares and quantiles with what chance alone would do to them: every bound lies one standard error away.</summary>
internal static class Proportions
{
    private const double StandardErrors = 1;

    /// <summary>The interval of a share (Wilson, JASA 1927).</summary>
    public static (double Low, double High) Wilson(long hits, long calls)
    {
        if (calls == 0)
        {
            return (0, 1);
        }

        const double zz = StandardErrors * StandardErrors;
        var share = (double)hits / calls;
        var scale = 1 + (zz / calls);
        var middle = share + (zz / (2 * calls));
        var half = StandardErrors * Math.Sqrt((share * (1 - share) / calls) + (zz / (4.0 * calls * calls)));
        return ((middle - half) / scale, (middle + half) / scale);
    }

    /// <summary>
    /// How far apart two shares are for sure, in radians of Cohen's arcsine scale: positive when the first is higher, negative when it
    /// is lower, 0 when chance explains it. On this scale 0 → 10 % is as far as 40 → 70 %: what never happened before counts most.
    /// </summary>
    public static double Change(long hits, long calls, long usualHits, long usualCalls)
    {
        var now = Wilson(hits, calls);
        var usual = Wilson(usualHits, usualCalls);
        return now.Low > usual.High ? Angle(now.Low) - Angle(usual.High)
            : now.High < usual.Low ? Angle(now.High) - Angle(usual.Low)
            : 0;
    }

    /// <summary>The ranks, from 0 to 1, that surely lie around a quantile of a sample of this size (order statistics).</summary>
    public static (double Low, double High) Ranks(double quantile, long count)
    {
        var error = StandardErrors * Math.Sqrt(quantile * (1 - quantile) / count);
        return (Math.Max(0, quantile - error), Math.Min(1, quantile + error));
    }

    private static double Angle(double share) => 2 * Math.Asin(Math.Sqrt(Math.Clamp(share, 0, 1)));
}
