using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace AgentOps.Rca.Otlp;

/// <summary>Reads OTLP in JSON, record by record. Unknown members are passed over, and a null stands for a member that is not there.</summary>
internal static class OtlpJson
{
    private static readonly JsonElement Nothing = JsonElement.Parse("[]");
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = OtlpLimits.JsonDepth };

    /// <summary>The spans of an <c>ExportTraceServiceRequest</c>.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static IEnumerable<OtlpSpan> ReadSpans(ReadOnlyMemory<byte> body) => Read(body, "resourceSpans", "scopeSpans", "spans", ReadSpan);

    /// <summary>The records of an <c>ExportLogsServiceRequest</c>.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static IEnumerable<OtlpLog> ReadLogs(ReadOnlyMemory<byte> body) => Read(body, "resourceLogs", "scopeLogs", "logRecords", ReadLog);

    private static IEnumerable<T> Read<T>(
        ReadOnlyMemory<byte> body, string groups, string scopes, string records, Func<OtlpSource, JsonElement, T> read)
    {
        // The parser lets bytes that are no UTF-8 pass inside of texts, and fails when they are read.
        if (!Utf8.IsValid(body.Span))
        {
            throw new InvalidDataException("The body is not valid UTF-8.");
        }

        using var document = JsonDocument.Parse(body, Options);
        foreach (var group in Items(document.RootElement, groups))
        {
            var resource = new OtlpAttributes();
            if (Member(group, "resource") is { } description)
            {
                ReadAttributes(description, resource);
            }

            foreach (var scoped in Items(group, scopes))
            {
                var scope = Member(scoped, "scope");
                var source = new OtlpSource(resource, scope is { } named ? Text(named, "name") : null, scope is { } one ? Text(one, "version") : null);
                foreach (var record in Items(scoped, records))
                {
                    yield return read(source, record);
                }
            }
        }
    }

    private static OtlpSpan ReadSpan(OtlpSource source, JsonElement item)
    {
        var span = new OtlpSpan
        {
            Source = source,
            TraceId = OtlpText.Id(Text(item, "traceId"), 16),
            SpanId = OtlpText.Id(Text(item, "spanId"), 8),
            ParentSpanId = OtlpText.Id(Text(item, "parentSpanId"), 8),
            Name = Text(item, "name") ?? "",
            Kind = Code(item, "kind", "SPAN_KIND_", ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]),
            StartNs = Number(item, "startTimeUnixNano"),
            EndNs = Number(item, "endTimeUnixNano"),
            Dropped = (uint)Number(item, "droppedAttributesCount") + (uint)Number(item, "droppedEventsCount") + (uint)Number(item, "droppedLinksCount"),
        };
        ReadAttributes(item, span.Attributes);
        foreach (var one in Items(item, "events"))
        {
            if (span.Events?.Count == OtlpLimits.Items)
            {
                span.Dropped++;
                continue;
            }

            var found = new OtlpEvent { TimeNs = Number(one, "timeUnixNano"), Name = Text(one, "name") ?? "" };
            ReadAttributes(one, found.Attributes);
            span.Add(found);
        }

        foreach (var one in Items(item, "links"))
        {
            if (span.Links?.Count == OtlpLimits.Items)
            {
                span.Dropped++;
                continue;
            }

            var link = new OtlpLink { TraceId = OtlpText.Id(Text(one, "traceId"), 16), SpanId = OtlpText.Id(Text(one, "spanId"), 8) };
            ReadAttributes(one, link.Attributes);
            span.Add(link);
        }

        if (Member(item, "status") is { } status)
        {
            span.StatusCode = Code(status, "code", "STATUS_CODE_", ["UNSET", "OK", "ERROR"]);
            span.StatusMessage = Text(status, "message");
        }

        return span;
    }

    private static OtlpLog ReadLog(OtlpSource source, JsonElement item)
    {
        var log = new OtlpLog
        {
            Source = source,
            TimeNs = Number(item, "timeUnixNano"),
            ObservedTimeNs = Number(item, "observedTimeUnixNano"),
            SeverityNumber = Code(item, "severityNumber", "SEVERITY_NUMBER_", []),
            SeverityText = Text(item, "severityText"),
            EventName = Text(item, "eventName"),
            Body = Member(item, "body") is { } body ? ReadValue(body, 0) : default,
            TraceId = OtlpText.Id(Text(item, "traceId"), 16),
            SpanId = OtlpText.Id(Text(item, "spanId"), 8),
        };
        ReadAttributes(item, log.Attributes);
        return log;
    }

    private static void ReadAttributes(JsonElement item, OtlpAttributes attributes, int depth = 0, string member = "attributes")
    {
        foreach (var attribute in Items(item, member))
        {
            attributes.Add(Text(attribute, "key") ?? "", Member(attribute, "value") is { } value ? ReadValue(value, depth) : default);
        }
    }

    private static OtlpValue ReadValue(JsonElement value, int depth)
    {
        if (depth > OtlpLimits.ValueDepth)
        {
            throw new InvalidDataException($"A value nests deeper than {OtlpLimits.ValueDepth} steps.");
        }

        if (Text(value, "stringValue") is { } text)
        {
            return OtlpValue.Of(text);
        }

        if (Member(value, "intValue") is { } integer)
        {
            return OtlpValue.Of(Integer(integer));
        }

        if (Member(value, "boolValue") is { } flag)
        {
            return OtlpValue.Of(flag.ValueKind == JsonValueKind.True || (flag.ValueKind != JsonValueKind.False ? throw Wrong("boolValue") : false));
        }

        if (Member(value, "doubleValue") is { } number)
        {
            return OtlpValue.Of(Double(number));
        }

        if (Member(value, "arrayValue") is { } array)
        {
            return OtlpValue.Of([.. Items(array, "values").Select(item => ReadValue(item, depth + 1))]);
        }

        if (Member(value, "kvlistValue") is { } map)
        {
            var members = new OtlpAttributes();
            ReadAttributes(map, members, depth + 1, "values");
            return OtlpValue.Of(members);
        }

        if (Member(value, "bytesValue") is { } bytes)
        {
            return bytes.ValueKind == JsonValueKind.String && TryReadBase64(bytes) is { } content ? OtlpValue.Of(content) : throw Wrong("bytesValue");
        }

        return default;
    }

    private static JsonElement? Member(JsonElement item, string name)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"An object is expected around '{name}'.");
        }

        try
        {
            return item.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidDataException($"A member beside '{name}' has half of a surrogate pair in its name.", exception);
        }
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement item, string name) => Member(item, name) switch
    {
        null => Nothing.EnumerateArray(),
        { ValueKind: JsonValueKind.Array } array => array.EnumerateArray(),
        _ => throw Wrong(name),
    };

    private static string? Text(JsonElement item, string name)
    {
        if (Member(item, name) is not { } value)
        {
            return null;
        }

        try
        {
            return value.ValueKind == JsonValueKind.String ? OtlpText.Clean(value.GetString()!) : throw Wrong(name);
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidDataException($"The member '{name}' holds half of a surrogate pair or bytes that are no UTF-8.", exception);
        }
    }

    // The standard says text for numbers of 64 bits; many senders write numbers.
    private static ulong Number(JsonElement item, string name) => Member(item, name) switch
    {
        null => 0,
        { ValueKind: JsonValueKind.Number } value when value.TryGetUInt64(out var number) => number,
        { ValueKind: JsonValueKind.String } value
            when ulong.TryParse(Plain(value), NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw Wrong(name),
    };

    private static long Integer(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetInt64(out var number) => number,
        JsonValueKind.String
            when long.TryParse(Plain(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw Wrong("intValue"),
    };

    private static double Double(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetDouble(out var number) => number,
        JsonValueKind.String
            when double.TryParse(Plain(value), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw Wrong("doubleValue"),
    };

    private static int Code(JsonElement item, string name, string prefix, string[] names) => Member(item, name) switch
    {
        null => 0,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out var number) => number,
        { ValueKind: JsonValueKind.String } value when Plain(value) is var text && text.StartsWith(prefix, StringComparison.Ordinal) =>
            Math.Max(0, Array.IndexOf(names, text[prefix.Length..])),
        _ => throw Wrong(name),
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

    // Not a text that a reader would have to unescape: what is no plain ASCII is no number and no name either.
    private static string Plain(JsonElement value) => value.GetRawText().Trim('"');

    private static InvalidDataException Wrong(string name) => new($"The member '{name}' has a value of another kind than OTLP says.");
}
