using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.OpenTelemetry;

/// <summary>
/// Turns a log record into a span of no length below the span that it belongs to: spans are immutable, and a log may come before its
/// span or long after it. Its id is made of its content, so a record that is sent again is known again.
/// </summary>
internal static class OtlpLogMapper
{
    private static readonly string[] Severities = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

    /// <summary>The span, or a sentence that says why the record cannot be kept.</summary>
    /// <param name="mapper">Writes the attributes.</param>
    /// <param name="log">The record.</param>
    /// <param name="incidentId">The incident that the sender's baggage names, or null.</param>
    /// <param name="problem">Why there is no span.</param>
    public static OtlpMapped? Map(OtlpSpanMapper mapper, OtlpLog log, string? incidentId, out string? problem)
    {
        var time = OtlpSpanMapper.IsTime(log.TimeNs) ? log.TimeNs : log.ObservedTimeNs;
        problem = log.TraceId is null ? log.WhyNoId("traceId", "trace id, so the record belongs to no span")
            : !OtlpSpanMapper.IsTime(time) ? "A log record has no time, or one before 1973 or after 2262."
            : null;
        if (problem is not null)
        {
            return null;
        }

        var severity = log.SeverityNumber is > 0 and < 25 ? Severities[(log.SeverityNumber - 1) / 4] : log.SeverityText?.ToUpperInvariant();
        var attributes = mapper.Write(json => Write(json, log, time, severity));
        if (attributes.ValueKind != JsonValueKind.Object)
        {
            problem = $"A log record has more than {OtlpLimits.AttributesBytes} bytes.";
            return null;
        }

        var parent = log.SpanId is null ? null : $"{log.TraceId}:{log.SpanId}";
        var digest = ArtifactDigest.Of(CanonicalJson.ToUtf8(attributes)).ToString();
        var span = new Span
        {
            SpanId = SpanLogLinks.IdOf(parent ?? log.TraceId!, string.Create(CultureInfo.InvariantCulture, $"{time}-{digest.AsSpan(0, 16)}")),
            ParentId = parent,
            Tool = ToolNames.Log,
            StartTs = (long)time,
            EndTs = (long)time,
            IncidentId = OtlpSpanMapper.IncidentOf(log.Attributes, log.Source, incidentId),
            KeptAttributes = RecordJson.OfOwn(attributes),
        };
        return new OtlpMapped(span);
    }

    private static void Write(Utf8JsonWriter json, OtlpLog log, ulong time, string? severity)
    {
        json.WriteStartArray("events");
        json.WriteStartObject();
        json.WriteString("name", log.EventName is { Length: > 0 } name ? name : "log");
        json.WriteString("time", OtlpSpanMapper.Time(time));
        if (severity is not null)
        {
            json.WriteString("severity", severity);
        }

        if (log.Body.Kind != OtlpValueKind.None)
        {
            json.WritePropertyName("message");
            log.Body.Write(json);
        }

        if (log.Attributes.Items.Count > 0)
        {
            json.WriteStartObject("attributes");
            log.Attributes.WriteMembers(json);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndArray();
        if (log.Source.Service is { } service)
        {
            json.WriteString("service.name", service);
        }

        OtlpSpanMapper.WriteUnread(json, log);
        OtlpSpanMapper.WriteSource(json, log.Source);
        if (log.Dropped + log.Attributes.Dropped + log.Body.Dropped + log.Source.Dropped is > 0 and var dropped)
        {
            json.WriteNumber("otel.dropped_count", dropped);
        }
    }
}
