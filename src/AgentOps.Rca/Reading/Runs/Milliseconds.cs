namespace AgentOps.Rca.Reading;

/// <summary>Spans of time as answers give them: in milliseconds, to the nanosecond.</summary>
internal static class Milliseconds
{
    /// <summary>From one nanosecond to another, however far apart they are.</summary>
    public static double Between(long fromNs, long toNs) => Of((Int128)toNs - fromNs);

    /// <summary>So many nanoseconds.</summary>
    public static double Of(Int128 ns) => Math.Round((double)ns / 1e6, 6);
}
