namespace AgentOps.Rca.Spans;

/// <summary>
/// Where steps stand that a file tells without a time: in the year 2000, in which no run of an agent was. Their order is right, and what is said
/// of them names no time.
/// </summary>
internal static class UnknownTime
{
    /// <summary>2000-01-01, in nanoseconds.</summary>
    public const long First = 946_684_800_000_000_000;

    private const long End = First + (366L * 24 * 3600 * 1_000_000_000);

    /// <summary>Whether a time was put in for one that is not known.</summary>
    public static bool Is(long nanoseconds) => nanoseconds is >= First and < End;
}
