namespace AgentOps.Rca.Spans;

/// <summary>
/// The unit of a timestamp since 1970-01-01 UTC, read from its size: at least 1e17 nanoseconds, at least 1e14 microseconds,
/// at least 1e11 milliseconds, else seconds.
/// </summary>
internal static class EpochUnit
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>How many nanoseconds one step of <paramref name="timestamp"/> stands for: 1, 1e3, 1e6 or 1e9.</summary>
    /// <param name="timestamp">A timestamp as stored.</param>
    public static long NanosecondsPerTick(long timestamp) => Size(timestamp) switch
    {
        >= 100_000_000_000_000_000 => 1,
        >= 100_000_000_000_000 => 1_000,
        >= 100_000_000_000 => 1_000_000,
        _ => NanosecondsPerSecond,
    };

    /// <summary>The timestamp in nanoseconds. No input overflows: what lies before 1677 or after 2262 becomes the edge of that range.</summary>
    /// <param name="timestamp">A timestamp as stored.</param>
    /// <returns>Nanoseconds since 1970-01-01 UTC, kept within the range of <see cref="long"/>.</returns>
    public static long ToNanoseconds(long timestamp)
    {
        var high = Math.BigMul(timestamp, NanosecondsPerTick(timestamp), out var low);
        return high == low >> 63 ? low : timestamp < 0 ? long.MinValue : long.MaxValue;
    }

    /// <summary>The instant of a number of nanoseconds, to .NET's resolution of 100 ns.</summary>
    /// <param name="nanoseconds">Nanoseconds since 1970-01-01 UTC.</param>
    public static DateTimeOffset ToInstant(long nanoseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / TimeSpan.NanosecondsPerTick);

    /// <summary>
    /// Nanoseconds since 1970-01-01 UTC of an instant. What lies before 1677 or after 2262, such as a time that was never set, becomes the
    /// edge of that range: a time out of a record must not make the record unreadable.
    /// </summary>
    /// <param name="instant">Any instant.</param>
    public static long FromInstant(DateTimeOffset instant) => FromInstant(instant, 0);

    /// <summary>The same, and so many nanoseconds more, which an instant of .NET has no room for.</summary>
    internal static long FromInstant(DateTimeOffset instant, long nanoseconds) =>
        Saturate(((Int128)(instant.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick) + nanoseconds);

    /// <summary>An instant as spans of this library give it: microseconds, which a double holds exactly.</summary>
    /// <param name="instant">The instant.</param>
    public static long Microseconds(DateTimeOffset instant) => FromInstant(instant) / 1_000;

    // The smallest number has no positive one of its size among longs.
    private static ulong Size(long timestamp) => timestamp < 0 ? (ulong)~timestamp + 1 : (ulong)timestamp;

    private static long Saturate(Int128 nanoseconds) =>
        nanoseconds > long.MaxValue ? long.MaxValue : nanoseconds < long.MinValue ? long.MinValue : (long)nanoseconds;
}
