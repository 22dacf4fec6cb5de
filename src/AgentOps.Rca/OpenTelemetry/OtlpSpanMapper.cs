using System.Buffers;
using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.OpenTelemetry;

/// <summary>
/// Turns OpenTelemetry's records into spans. Pure: the same record gives the same span, so a batch that is sent again is known again.
/// An object is for one caller at a time.
/// </summary>
internal sealed class OtlpSpanMapper : IDisposable
{
    /// <summary>The attribute that names a span's incident: on the span, on its resource, or in the baggage.</summary>
    public const string IncidentAttribute = "agentops.incident.id";

    private const string UnreadName = "otel.unread";

    // Below this, a timestamp would be read as microseconds: it lies in the year 1973.
    private const ulong FirstNanosecond = 100_000_000_000_000_000;

    private static readonly string[] Kinds = ["", "internal", "server", "client", "producer", "consumer"];

    // Members that this mapping writes; an attribute of the same name is kept under another one.
    private static readonly HashSet<string> OwnNames = new(StringComparer.Ordinal)
    {
        "events", "links", "resource", "otel.kind", "otel.name", "otel.scope.name", "otel.scope.version", "otel.status_code",
        "otel.status_description", "otel.dropped_count", "otel.trace_state", "otel.scope.attributes", "otel.scope.schema_url",
        "otel.resource.schema_url", UnreadName,
    };

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _json;
    private readonly OtlpNames _names = new();
    private readonly ByteChunks _chunks = new();
    private readonly OtlpContent _content = new();

    public OtlpSpanMapper() => _json = new Utf8JsonWriter(_buffer, OtlpArtifact.JsonOptions);

    public void Dispose() => _json.Dispose();

    /// <summary>The span, or a sentence that says why it cannot be kept.</summary>
    /// <param name="record">The record.</param>
    /// <param name="incidentId">The incident that the sender's baggage names, or null.</param>
    /// <param name="problem">Why there is no span.</param>
    public OtlpMapped? Map(OtlpSpan record, string? incidentId, out string? problem)
    {
        problem = record.TraceId is null ? record.WhyNoId("traceId", "trace id")
            : record.SpanId is null ? record.WhyNoId("spanId", "span id")
            : !IsTime(record.StartNs) || !IsTime(record.EndNs) ? $"The span {record.SpanId} has no start or no end, or one before 1973 or after 2262."
            : null;
        if (problem is not null)
        {
            return null;
        }

        var content = _content;
        var step = OtlpTools.StepOf(record);
        content.Clear(record, step);
        var tail = Write(record, step, content);
        if (_buffer.WrittenCount + tail.Length > OtlpLimits.AttributesBytes)
        {
            problem = $"The span {record.SpanId} has more than {OtlpLimits.AttributesBytes} bytes of attributes.";
            return null;
        }

        var arguments = content.Arguments();
        var result = content.Result();
        var span = new Span
        {
            SpanId = $"{record.TraceId}:{record.SpanId}",
            ParentId = _names.ParentOf(record),
            Tool = _names.ToolOf(record, step),
            StartTs = (long)record.StartNs,
            EndTs = (long)record.EndNs,
            ArgsDigest = arguments is null ? null : ArtifactDigest.Of(arguments.Content).ToString(),
            ResultDigest = result is null ? null : ArtifactDigest.Of(result.Content).ToString(),
            IncidentId = IncidentOf(record.Attributes, record.Source, incidentId),
            KeptAttributes = RecordJson.Of(_chunks.Keep(_buffer.WrittenSpan), tail),
        };
        return new OtlpMapped(span, arguments, result);
    }

    /// <summary>The incident that a record names, in the form that this library's incidents have; null when it names none.</summary>
    public static string? IncidentOf(OtlpAttributes attributes, OtlpSource source, string? incidentId) =>
        Incident(attributes.Text(IncidentAttribute) ?? source.Resource.Text(IncidentAttribute) ?? incidentId);

    internal static bool IsTime(ulong nanoseconds) => nanoseconds is >= FirstNanosecond and <= long.MaxValue;

    internal static string Time(ulong nanoseconds)
    {
        var seconds = DateTimeOffset.FromUnixTimeSeconds((long)(nanoseconds / 1_000_000_000)).UtcDateTime;
        return string.Create(CultureInfo.InvariantCulture, $"{seconds:yyyy-MM-dd'T'HH:mm:ss}.{nanoseconds % 1_000_000_000:000000000}Z");
    }

    internal JsonElement Write(Action<Utf8JsonWriter> write)
    {
        var json = Start();
        write(json);
        End(json);
        return _buffer.WrittenCount > OtlpLimits.AttributesBytes ? default : JsonElement.Parse(_buffer.WrittenSpan);
    }

    /// <summary>What <see cref="WriteSource"/> writes, and the closing brace of the object around it.</summary>
    internal static byte[] MembersOf(OtlpSource source)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer, OtlpArtifact.JsonOptions);
        json.WriteStartObject();
        WriteSource(json, source);
        End(json);
        return buffer.WrittenSpan[1..].ToArray();
    }

    internal static void WriteSource(Utf8JsonWriter json, OtlpSource source)
    {
        if (source.ScopeName is { Length: > 0 } scope)
        {
            json.WriteString("otel.scope.name", scope);
        }

        if (source.ScopeVersion is { Length: > 0 } version)
        {
            json.WriteString("otel.scope.version", version);
        }

        if (source.ScopeAttributes is { } attributes)
        {
            json.WriteStartObject("otel.scope.attributes");
            attributes.WriteMembers(json);
            json.WriteEndObject();
        }

        if (source.ScopeSchema is { Length: > 0 } scopeSchema)
        {
            json.WriteString("otel.scope.schema_url", scopeSchema);
        }

        if (source.ResourceSchema is { Length: > 0 } resourceSchema)
        {
            json.WriteString("otel.resource.schema_url", resourceSchema);
        }

        if (source.Resource.Items.Count > 0)
        {
            json.WriteStartObject("resource");
            source.Resource.WriteMembers(json);
            json.WriteEndObject();
        }
    }

    private static string? Incident(string? text) =>
        text is null || text.Length > OtlpLimits.IncidentIdLength || string.IsNullOrWhiteSpace(text) || text == SpanIds.AuditIncident ? null
        : Guid.TryParse(text, out var id) ? id.ToString("D") : OtlpText.Clean(text);

    private Utf8JsonWriter Start()
    {
        _buffer.ResetWrittenCount();
        _json.Reset(_buffer);
        _json.WriteStartObject();
        return _json;
    }

    private static void End(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.Flush();
    }

    // What only says who sent the span stands at the end, for all spans of the sender to share.
    private byte[] Write(OtlpSpan record, OtlpStep step, OtlpContent content)
    {
        var json = Start();
        var kind = step.Kind;
        WriteHead(json, record, kind);
        var dropped = record.Dropped + record.Attributes.Dropped + record.Source.Dropped;
        var mayNameAgent = record.Attributes.MayNameAgent;
        foreach (var (name, value) in record.Attributes.Items)
        {
            if (!mayNameAgent || (!content.Take(name, value) && !OtlpSynonyms.IsRewritten(name, value)))
            {
                var isTaken = (name is ['e' or 'l' or 'r' or 'o', ..] && OwnNames.Contains(name)) || (name == "service.name" && IsServiceWritten(record, kind));
                json.WritePropertyName(isTaken ? FreeName(name, record.Attributes) : name);
                value.Write(json);
            }
        }

        if (mayNameAgent)
        {
            OtlpSynonyms.Write(json, record, step);
        }

        dropped += WriteEvents(json, record, content);
        dropped += WriteLinks(json, record);
        WriteUnread(json, record);
        if (dropped == 0)
        {
            json.Flush();
            return _buffer.WrittenCount > 1 ? record.Source.Tail : record.Source.OnlyTail;
        }

        WriteSource(json, record.Source);
        json.WriteNumber("otel.dropped_count", dropped);
        End(json);
        return [];
    }

    // Another attribute may have the other name, too.
    private static string FreeName(string name, OtlpAttributes attributes)
    {
        do
        {
            name = $"attribute.{name}";
        }
        while (attributes.Items.Exists(item => item.Key == name));
        return name;
    }

    /// <summary>Writes what was sent of members that could not be read.</summary>
    internal static void WriteUnread(Utf8JsonWriter json, OtlpRecord record)
    {
        if (record.Unread is not { } unread)
        {
            return;
        }

        json.WriteStartObject(UnreadName);
        foreach (var (member, text, _) in unread.DistinctBy(static item => item.Member))
        {
            json.WriteString(member, text);
        }

        json.WriteEndObject();
    }

    private static bool IsServiceWritten(OtlpSpan record, OtlpSpanKind kind) => kind == OtlpSpanKind.Other && record.Source.Service is not null;

    private static void WriteHead(Utf8JsonWriter json, OtlpSpan record, OtlpSpanKind kind)
    {
        if (IsServiceWritten(record, kind))
        {
            json.WriteString("service.name", record.Source.Service);
        }

        if (kind != OtlpSpanKind.Other)
        {
            json.WriteString("otel.name", record.Name);
        }

        if (record.TraceState is { Length: > 0 } state)
        {
            json.WriteString("otel.trace_state", state);
        }

        if (record.Kind is > 0 and < 6)
        {
            json.WriteString("otel.kind", Kinds[record.Kind]);
        }

        if (record.StatusCode is 1 or 2)
        {
            json.WriteString("otel.status_code", record.StatusCode == 1 ? "OK" : "ERROR");
        }

        if (record.StatusMessage is { Length: > 0 } message)
        {
            json.WriteString("otel.status_description", message);
        }
    }

    private static int WriteEvents(Utf8JsonWriter json, OtlpSpan record, OtlpContent content)
    {
        var dropped = 0;
        var open = false;
        if (record.Events is null)
        {
            return 0;
        }

        foreach (var found in record.Events)
        {
            dropped += found.Attributes.Dropped;
            if (content.Take(found))
            {
                continue;
            }

            if (!open)
            {
                json.WriteStartArray("events");
                open = true;
            }

            json.WriteStartObject();
            json.WriteString("name", found.Name);
            if (IsTime(found.TimeNs))
            {
                json.WriteString("time", Time(found.TimeNs));
            }

            WriteAttributes(json, found.Attributes);
            json.WriteEndObject();
        }

        if (open)
        {
            json.WriteEndArray();
        }

        return dropped;
    }

    private static int WriteLinks(Utf8JsonWriter json, OtlpSpan record)
    {
        var dropped = 0;
        if (record.Links is null)
        {
            return 0;
        }

        json.WriteStartArray("links");
        foreach (var link in record.Links)
        {
            json.WriteStartObject();
            json.WriteString("span_id", link.TraceId is null || link.SpanId is null ? null : $"{link.TraceId}:{link.SpanId}");
            if (link.TraceState is { Length: > 0 } state)
            {
                json.WriteString("trace_state", state);
            }

            WriteAttributes(json, link.Attributes);
            json.WriteEndObject();
            dropped += link.Attributes.Dropped;
        }

        json.WriteEndArray();
        return dropped;
    }

    private static void WriteAttributes(Utf8JsonWriter json, OtlpAttributes attributes)
    {
        if (attributes.Items.Count > 0)
        {
            json.WriteStartObject("attributes");
            foreach (var (name, value) in attributes.Items)
            {
                if (!OtlpContent.IsContent(name))
                {
                    json.WritePropertyName(name);
                    value.Write(json);
                }
            }

            json.WriteEndObject();
        }
    }
}

/// <summary>A span, and what must be stored before it.</summary>
internal sealed record OtlpMapped(Span Span, OtlpArtifact? Arguments = null, OtlpArtifact? Result = null);
