using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentOps.Rca.Json;

/// <summary>
/// Times as ISO 8601 in UTC with a <c>Z</c>, to the microsecond that PostgreSQL keeps: <c>2026-01-31T09:30:00.25Z</c>. Reads any offset.
/// </summary>
public sealed class UtcTimestampConverter : JsonConverter<DateTimeOffset>
{
    /// <summary>The time in the form that is written.</summary>
    /// <param name="value">A time at any offset.</param>
    public static string Format(DateTimeOffset value) =>
        value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset().ToUniversalTime();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(Format(value));
    }
}
