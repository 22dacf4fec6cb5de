using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentOps.Rca.Json;

/// <summary>
/// Times as ISO 8601 in UTC with a <c>Z</c>, to the microsecond that PostgreSQL keeps: <c>2026-01-31T09:30:00.25Z</c>. Reads any offset.
/// </summary>
internal sealed class UtcTimestampConverter : JsonConverter<DateTimeOffset>
{
    /// <summary>The time in the form that is written.</summary>
    /// <param name="value">A time at any offset.</param>
    public static string Format(DateTimeOffset value) =>
        value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads a time in ISO 8601. Without an offset it is UTC, whatever the time zone of the machine.</summary>
    /// <param name="value">A JSON value.</param>
    /// <param name="time">The time, in UTC.</param>
    internal static bool TryRead(JsonElement value, out DateTimeOffset time)
    {
        time = default;
        if (value.ValueKind != JsonValueKind.String || !value.TryGetDateTime(out var read))
        {
            return false;
        }

        time = read.Kind == DateTimeKind.Unspecified ? new DateTimeOffset(read, TimeSpan.Zero)
            : value.TryGetDateTimeOffset(out var placed) ? placed.ToUniversalTime() : default;
        return read.Kind == DateTimeKind.Unspecified || time != default;
    }

    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TryGetDateTime(out var read) && read.Kind == DateTimeKind.Unspecified
            ? new DateTimeOffset(read, TimeSpan.Zero)
            : reader.GetDateTimeOffset().ToUniversalTime();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(Format(value));
    }
}
