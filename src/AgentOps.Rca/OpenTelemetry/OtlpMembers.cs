using System.Collections.Frozen;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.OpenTelemetry;

/// <summary>
/// Takes the members of an object of OTLP/JSON. What OTLP writes as text or as a number is taken in either form, where nothing is lost. A
/// value of an attribute that has no form of OTLP's is kept as it was sent.
/// </summary>
internal static class OtlpMembers
{
    private static readonly FrozenDictionary<string, string> SnakeNames = new[]
    {
        "resourceSpans", "resourceLogs", "resourceMetrics", "scopeMetrics", "exponentialHistogram", "dataPoints", "scopeSpans", "scopeLogs", "instrumentationLibrarySpans", "instrumentationLibraryLogs",
        "instrumentationLibrary", "logRecords", "schemaUrl", "traceId", "spanId", "parentSpanId", "traceState", "startTimeUnixNano",
        "endTimeUnixNano", "timeUnixNano", "observedTimeUnixNano", "severityNumber", "severityText", "eventName",
        "droppedAttributesCount", "droppedEventsCount", "droppedLinksCount",
    }.ToFrozenDictionary(name => name, JsonNamingPolicy.SnakeCaseLower.ConvertName);

    /// <summary>A list without items.</summary>
    public static JsonElement Nothing { get; } = JsonElement.Parse("[]");

    /// <summary>The member of this name, in camelCase as OTLP has it or else in snake_case; null when it is not there, or null itself.</summary>
    public static JsonElement? Find(JsonElement item, string name) =>
        FindExact(item, name) ?? (SnakeNames.TryGetValue(name, out var snake) ? FindExact(item, snake) : null);

    /// <summary>The first of these members that is there.</summary>
    public static JsonElement? FindFirst(JsonElement item, string[] names)
    {
        foreach (var name in names)
        {
            if (Find(item, name) is { } value)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>The name of the first member that is there and holds something.</summary>
    public static string? FirstName(JsonElement item)
    {
        foreach (var member in item.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Null)
            {
                return OtlpText.Unescape(Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8PropertyName(member)));
            }
        }

        return null;
    }

    public static JsonElement.ArrayEnumerator Items(JsonElement item, string name) => Find(item, name) switch
    {
        null => Nothing.EnumerateArray(),
        { ValueKind: JsonValueKind.Array } array => array.EnumerateArray(),
        _ => throw Wrong(name),
    };

    public static string? Text(JsonElement item, string name) => Find(item, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => Read(text),
        { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } other => other.GetRawText(),
        _ => throw Wrong(name),
    };

    // The standard says text for numbers of 64 bits; many senders write numbers, some of them with a point or an exponent.
    public static ulong Number(JsonElement item, string name) => Find(item, name) is not { } value ? 0
        : value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out var number) ? number
        : TryGetWhole(value, out var whole) && whole >= 0 && whole <= ulong.MaxValue ? (ulong)whole
        : throw Wrong(name);

    /// <summary>How many the sender says it left out.</summary>
    public static long Count(JsonElement item, string name) => (long)Math.Min(Number(item, name), uint.MaxValue);

    /// <summary>The value of an enumeration, by its number or by its name. One that is not known is noted, and stands for none.</summary>
    public static int Code(OtlpRecord record, JsonElement item, string name, string prefix, string[] names)
    {
        if (Find(item, name) is not { } value)
        {
            return 0;
        }

        if (TryGetWhole(value, out var number))
        {
            return record.CheckCode((long)Int128.Clamp(number, long.MinValue, long.MaxValue), names.Length - 1, name);
        }

        var text = value.ValueKind == JsonValueKind.String ? Read(value) : value.GetRawText();
        var known = Array.FindIndex(names, one => text.Equals(one, StringComparison.OrdinalIgnoreCase)
            || (text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && text.AsSpan(prefix.Length).Equals(one, StringComparison.OrdinalIgnoreCase)));
        if (known < 0 && text.Length > 0)
        {
            record.AddUnread(name, text, $"The member '{name}' has the value '{OtlpText.Shorten(text, 40)}', which OTLP does not know.");
        }

        return Math.Max(0, known);
    }

    public static void ReadAttributes(JsonElement item, OtlpAttributes attributes, int depth = 0, string member = "attributes")
    {
        if (Find(item, member) is { ValueKind: JsonValueKind.Object } plain)
        {
            foreach (var one in plain.EnumerateObject())
            {
                attributes.Add(OtlpText.Unescape(Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8PropertyName(one))), ReadPlain(one.Value));
            }

            return;
        }

        foreach (var attribute in Items(item, member))
        {
            attributes.Add(Text(attribute, "key") ?? "", Find(attribute, "value") is { } value ? ReadValue(value, depth) : default);
        }
    }

    public static OtlpValue ReadValue(JsonElement value, int depth)
    {
        if (depth > OtlpLimits.ValueDepth)
        {
            throw new InvalidDataException($"A value nests deeper than {OtlpLimits.ValueDepth} steps.");
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            return ReadPlain(value);
        }

        var isEmpty = true;
        foreach (var member in value.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            isEmpty = false;
            var name = JsonMarshal.GetRawUtf8PropertyName(member);
            if (name.SequenceEqual("stringValue"u8) || name.SequenceEqual("string_value"u8))
            {
                return member.Value.ValueKind == JsonValueKind.String ? OtlpValue.Of(Read(member.Value)) : ReadPlain(member.Value);
            }

            if (name.SequenceEqual("intValue"u8) || name.SequenceEqual("int_value"u8))
            {
                return ReadInteger(member.Value);
            }

            if (name.SequenceEqual("boolValue"u8) || name.SequenceEqual("bool_value"u8))
            {
                return member.Value.ValueKind == JsonValueKind.String && bool.TryParse(Read(member.Value), out var flag) ? OtlpValue.Of(flag) : ReadPlain(member.Value);
            }

            if (name.SequenceEqual("doubleValue"u8) || name.SequenceEqual("double_value"u8))
            {
                return ReadDouble(member.Value);
            }

            if (name.SequenceEqual("arrayValue"u8) || name.SequenceEqual("array_value"u8))
            {
                return member.Value.ValueKind == JsonValueKind.Object && Find(member.Value, "values") is null or { ValueKind: JsonValueKind.Array }
                    ? OtlpValue.Of([.. Items(member.Value, "values").Select(item => ReadValue(item, depth + 1))])
                    : ReadPlain(member.Value);
            }

            if (name.SequenceEqual("kvlistValue"u8) || name.SequenceEqual("kvlist_value"u8))
            {
                var members = new OtlpAttributes();
                ReadAttributes(member.Value, members, depth + 1, "values");
                return OtlpValue.Of(members);
            }

            if (name.SequenceEqual("bytesValue"u8) || name.SequenceEqual("bytes_value"u8))
            {
                return member.Value.ValueKind == JsonValueKind.String && TryReadBase64(member.Value) is { } content ? OtlpValue.Of(content) : ReadPlain(member.Value);
            }
        }

        return isEmpty ? default : ReadPlain(value);
    }

    public static InvalidDataException Wrong(string name) => new($"The member '{name}' has a value of another kind than OTLP says.");

    private static JsonElement? FindExact(JsonElement item, string name)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"An object is expected around '{name}'.");
        }

        try
        {
            return item.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
        }
        catch (InvalidOperationException)
        {
            // A member beside it has a name that cannot be decoded, and is none that we know.
            foreach (var member in item.EnumerateObject())
            {
                if (member.Value.ValueKind != JsonValueKind.Null && Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8PropertyName(member)) == name)
                {
                    return member.Value;
                }
            }

            return null;
        }
    }

    private static string Read(JsonElement text)
    {
        try
        {
            return OtlpText.Clean(text.GetString()!);
        }
        catch (InvalidOperationException)
        {
            // JavaScript cuts texts between the halves of a pair, and writes the half that is left.
            return OtlpText.Unescape(text.GetRawText().AsSpan()[1..^1]);
        }
    }

    private static bool TryGetWhole(JsonElement value, out Int128 whole)
    {
        whole = 0;
        if (value.ValueKind == JsonValueKind.Number)
        {
            return CanonicalNumber.TryGetWhole(value.GetRawText(), out whole);
        }

        return value.ValueKind == JsonValueKind.String && CanonicalNumber.TryReadWhole(Read(value).Trim(), out whole);
    }

    // What 64 bits do not hold is kept as text, digit by digit.
    private static OtlpValue ReadInteger(JsonElement value) =>
        !TryGetWhole(value, out var whole) ? ReadPlain(value)
        : whole >= long.MinValue && whole <= long.MaxValue ? OtlpValue.Of((long)whole)
        : OtlpValue.Of(value.GetRawText().Trim('"'));

    private static OtlpValue ReadDouble(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetDouble(out var number) && double.IsFinite(number) => OtlpValue.Of(number),
        JsonValueKind.String when double.TryParse(Read(value), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => OtlpValue.Of(number),
        _ => ReadPlain(value),
    };

    private static OtlpValue ReadPlain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => default,
        JsonValueKind.String => OtlpValue.Of(Read(value)),
        JsonValueKind.True or JsonValueKind.False => OtlpValue.Of(value.GetBoolean()),
        JsonValueKind.Number when value.TryGetInt64(out var integer) => OtlpValue.Of(integer),
        JsonValueKind.Number when CanonicalNumber.IsExact(value) => OtlpValue.Of(value.GetDouble()),
        _ => OtlpValue.Of(value.GetRawText()),
    };

    private static byte[]? TryReadBase64(JsonElement value)
    {
        try
        {
            return value.TryGetBytesFromBase64(out var content) ? content : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
