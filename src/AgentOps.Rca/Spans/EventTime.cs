using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Spans;

/// <summary>The time of an event: ISO 8601 with up to nine digits of a second, or a number of a unit that its size tells.</summary>
internal static class EventTime
{
    private const int DigitsOfTick = 7;

    /// <summary>Nanoseconds since 1970-01-01 UTC, or null when it is no time.</summary>
    public static long? Read(JsonElement time) => time.ValueKind switch
    {
        JsonValueKind.Number when JsonNumbers.TryGetWhole(time, out long number) => EpochUnit.ToNanoseconds(number),
        JsonValueKind.String => Read(time.GetString()!),
        _ => null,
    };

    private static long? Read(string text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return EpochUnit.ToNanoseconds(number);
        }

        // The framework counts in ticks of 100 ns and rounds; log records come in nanoseconds, and their order counts.
        var rest = 0L;
        var start = text.IndexOf('.', StringComparison.Ordinal) + 1;
        var end = start == 0 ? -1 : text.AsSpan(start).IndexOfAnyExceptInRange('0', '9') is >= 0 and var length ? start + length : text.Length;
        if (end - start > DigitsOfTick)
        {
            var digits = text.AsSpan(start + DigitsOfTick, Math.Min(2, end - start - DigitsOfTick));
            rest = long.Parse(digits, CultureInfo.InvariantCulture) * (digits.Length == 1 ? 10 : 1);
            text = text.Remove(start + DigitsOfTick, end - start - DigitsOfTick);
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? EpochUnit.FromInstant(instant, rest)
            : null;
    }
}
