using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Importing.Steps;

/// <summary>
/// The times of a run. Where the file has none, a step comes one millisecond after the one before it, so that the order is kept; such steps say so.
/// </summary>
internal sealed class RunClock
{
    private const ulong Tick = 1_000_000;
    private const ulong FirstNanosecond = 100_000_000_000_000_000;

    private ulong _last;

    /// <summary>Starts where the first known time of the run is.</summary>
    public RunClock(ulong? first = null) => _last = first ?? (ulong)UnknownTime.First;

    /// <summary>The last time that was told.</summary>
    public ulong Last => _last;

    /// <summary>A time of the file, or the next one after the last.</summary>
    public ulong Tell(ulong? known) => _last = known is { } time ? time : _last + Tick;

    /// <summary>A time in one of the forms that files have: ISO 8601, or seconds, milliseconds, microseconds or nanoseconds since 1970.</summary>
    public static ulong? Read(JsonElement? value)
    {
        switch (value?.ValueKind)
        {
            case JsonValueKind.String:
                var text = ImportJson.TextOf(value.Value);
                return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
                    ? OfTicks(time.UtcTicks - DateTime.UnixEpoch.Ticks)
                    : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var digits) ? OfNumber(digits) : null;
            case JsonValueKind.Number when value.Value.TryGetInt64(out var whole) && whole >= (long)FirstNanosecond:
                return (ulong)whole;
            case JsonValueKind.Number when value.Value.TryGetDouble(out var number):
                return OfNumber(number);
            default:
                return null;
        }
    }

    private static ulong? OfTicks(long ticks) =>
        ticks > 0 && (ulong)ticks <= long.MaxValue / TimeSpan.NanosecondsPerTick && (ulong)ticks * TimeSpan.NanosecondsPerTick >= FirstNanosecond ? (ulong)ticks * TimeSpan.NanosecondsPerTick : null;

    // By size, as everywhere in this library.
    private static ulong? OfNumber(double number)
    {
        var seconds = number switch
        {
            >= 1e17 => number / 1e9,
            >= 1e14 => number / 1e6,
            >= 1e11 => number / 1e3,
            _ => number,
        };
        return seconds is >= 1e8 and < 9e9 ? OfTicks((long)(decimal.Round((decimal)seconds * TimeSpan.TicksPerSecond))) : null;
    }
}
