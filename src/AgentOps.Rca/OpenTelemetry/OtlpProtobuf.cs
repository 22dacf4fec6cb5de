using AgentOps.Rca.Spans.Ingest;

namespace AgentOps.Rca.OpenTelemetry;

/// <summary>
/// Reads OTLP in Protocol Buffers, record by record. Unknown fields are passed over, as newer versions of the protocol may have them.
/// </summary>
/// <remarks>Field numbers: opentelemetry-proto 1.x, trace/v1, logs/v1, common/v1, resource/v1.</remarks>
internal static partial class OtlpProtobuf
{
    // What instrumentation_library_spans was called before it was scope_spans: the shape is the same.
    private const int OlderScopes = 1000;

    /// <summary>The spans of an <c>ExportTraceServiceRequest</c>. All of them are one object: each is there until the next is asked for.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static IEnumerable<OtlpRead<OtlpSpan>> ReadSpans(ReadOnlyMemory<byte> body)
    {
        var texts = new TextCache();
        var ids = new OtlpIds();
        OtlpSpan? span = null;
        foreach (var (source, record, place, problem) in ReadRecords(body, OtlpNamesOfSignal.Traces, texts))
        {
            if (source is null)
            {
                yield return new OtlpRead<OtlpSpan>(null, place, problem);
                continue;
            }

            span ??= new OtlpSpan { Source = source };
            span.Clear(source);
            var why = Try(() => ReadSpan(span, record, texts, ids));
            yield return new OtlpRead<OtlpSpan>(why is null ? span : null, place, why);
        }
    }

    /// <summary>The records of an <c>ExportLogsServiceRequest</c>.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static IEnumerable<OtlpRead<OtlpLog>> ReadLogs(ReadOnlyMemory<byte> body)
    {
        var texts = new TextCache();
        foreach (var (source, record, place, problem) in ReadRecords(body, OtlpNamesOfSignal.Logs, texts))
        {
            OtlpLog? log = null;
            var why = source is null ? problem : Try(() => log = ReadLog(source, record, texts));
            yield return new OtlpRead<OtlpLog>(log, place, why);
        }
    }

    private static string? Try(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (InvalidDataException exception)
        {
            return exception.Message;
        }
    }

    // Traces and logs have the same shape around their records: resource, scope, record, with the same numbers. What is wrong within a
    // resource or a scope costs the records below it; a length that does not fit costs the rest of the body.
    private static IEnumerable<(OtlpSource? Source, ReadOnlyMemory<byte> Record, OtlpPlace Place, string? Problem)> ReadRecords(
        ReadOnlyMemory<byte> body, OtlpNamesOfSignal names, TextCache texts)
    {
        var place = new OtlpPlace(names, -1);
        foreach (var group in Messages(body, 1))
        {
            place = new OtlpPlace(names, place.Group + 1);
            OtlpSource? resource = null;
            var problem = Try(() => resource = ReadResource(group, texts));
            foreach (var scoped in Messages(group, 2, OlderScopes))
            {
                place = place with { Scope = place.Scope + 1, Record = -1 };
                OtlpSource? source = null;
                var why = resource is null ? problem : Try(() => source = ReadScope(resource, scoped, texts));
                foreach (var record in Messages(scoped, 2))
                {
                    place = place with { Record = place.Record + 1 };
                    yield return (source, record, place, why);
                }
            }
        }
    }

    internal static IEnumerable<ReadOnlyMemory<byte>> Messages(ReadOnlyMemory<byte> message, int number, int olderNumber = 0)
    {
        var reader = new ProtobufReader(message);
        while (reader.NextField() is not 0 and var field)
        {
            if (field == number || field == olderNumber)
            {
                yield return reader.ReadBytes();
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static OtlpSource ReadResource(ReadOnlyMemory<byte> group, TextCache texts)
    {
        var attributes = new OtlpAttributes();
        var (schema, dropped) = ((string?)null, 0L);
        var reader = new ProtobufReader(group);
        while (reader.NextField() is not 0 and var field)
        {
            switch (field)
            {
                case 1:
                    dropped += ReadDescription(reader.ReadMessage(), 1, attributes, texts, out _, out _);
                    break;
                case 3:
                    schema = reader.ReadText();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new OtlpSource(attributes, null, null) { ResourceSchema = schema, Dropped = dropped + attributes.Dropped };
    }

    private static OtlpSource ReadScope(OtlpSource resource, ReadOnlyMemory<byte> scoped, TextCache texts)
    {
        var source = resource;
        var reader = new ProtobufReader(scoped);
        while (reader.NextField() is not 0 and var field)
        {
            switch (field)
            {
                case 1:
                    var attributes = new OtlpAttributes();
                    var dropped = ReadDescription(reader.ReadMessage(), 3, attributes, texts, out var name, out var version);
                    source = source with
                    {
                        ScopeName = name,
                        ScopeVersion = version,
                        ScopeAttributes = attributes.Items.Count == 0 ? null : attributes,
                        Dropped = resource.Dropped + attributes.Dropped + dropped,
                    };
                    break;
                case 3:
                    source = source with { ScopeSchema = reader.ReadText() };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return source;
    }

    // A resource has its attributes under 1 and the count under 2; a scope has its name and version there, and these under 3 and 4.
    private static long ReadDescription(
        ProtobufReader reader, int attributesField, OtlpAttributes attributes, TextCache texts, out string? name, out string? version)
    {
        (name, version) = (null, null);
        var dropped = 0L;
        while (reader.NextField() is not 0 and var field)
        {
            if (field == attributesField)
            {
                ReadAttribute(reader.ReadMessage(), attributes, texts);
            }
            else if (field == attributesField + 1)
            {
                dropped += (uint)reader.ReadNumber();
            }
            else if (field == 1)
            {
                name = reader.ReadText();
            }
            else if (field == 2)
            {
                version = reader.ReadText();
            }
            else
            {
                reader.Skip();
            }
        }

        return dropped;
    }

    private static void ReadSpan(OtlpSpan span, ReadOnlyMemory<byte> message, TextCache texts, OtlpIds ids)
    {
        var reader = new ProtobufReader(message);
        while (reader.NextField() is not 0 and var field)
        {
            switch (field)
            {
                case 1:
                    var traceId = reader.ReadSpan();
                    span.TraceId = span.CheckId(ids.Trace(traceId), traceId, 16, "traceId", "trace id");
                    break;
                case 2:
                    var spanId = reader.ReadSpan();
                    span.SpanId = span.CheckId(OtlpText.Id(spanId, 8), spanId, 8, "spanId", "span id");
                    break;
                case 3:
                    span.TraceState = reader.ReadText();
                    break;
                case 4:
                    var parentId = reader.ReadSpan();
                    span.ParentSpanId = span.CheckId(ids.Parent(parentId), parentId, 8, "parentSpanId", "id of the parent");
                    break;
                case 5:
                    span.Name = reader.ReadText(texts);
                    break;
                case 6:
                    span.Kind = span.CheckCode((long)reader.ReadNumber(), 5, "kind");
                    break;
                case 7:
                    span.StartNs = reader.ReadFixed64();
                    break;
                case 8:
                    span.EndNs = reader.ReadFixed64();
                    break;
                case 9:
                    ReadAttribute(reader.ReadMessage(), span.Attributes, texts);
                    break;
                case 10 or 12 or 14:
                    span.Dropped += (uint)reader.ReadNumber();
                    break;
                case 11:
                    span.Add(ReadEvent(span, reader.ReadBytes(), texts));
                    break;
                case 13:
                    span.Add(ReadLink(span, reader.ReadBytes(), texts));
                    break;
                case 15:
                    ReadStatus(reader.ReadBytes(), span);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private static OtlpEvent ReadEvent(OtlpSpan span, ReadOnlyMemory<byte> message, TextCache texts)
    {
        var found = new OtlpEvent();
        var reader = new ProtobufReader(message);
        while (reader.NextField() is not 0 and var field)
        {
            switch (field)
            {
                case 1:
                    found.TimeNs = reader.ReadFixed64();
                    break;
                case 2:
                    found.Name = reader.ReadText(texts);
                    break;
                case 3:
                    ReadAttribute(reader.ReadMessage(), found.Attributes, texts);
                    break;
                case 4:
                    span.Dropped += (uint)reader.ReadNumber();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return found;
    }

    private static OtlpLink ReadLink(OtlpSpan span, ReadOnlyMemory<byte> message, TextCache texts)
    {
        var link = new OtlpLink();
        var reader = new ProtobufReader(message);
        while (reader.NextField() is not 0 and var field)
        {
            switch (field)
            {
                case 1:
                    var traceId = reader.ReadSpan();
                    link.TraceId = span.CheckId(OtlpText.Id(traceId, 16), traceId, 16, "links.traceId", "trace id of a link");
                    break;
                case 2:
                    var spanId = reader.ReadSpan();
                    link.SpanId = span.CheckId(OtlpText.Id(spanId, 8), spanId, 8, "links.spanId", "span id of a link");
                    break;
                case 3:
                    link.TraceState = reader.ReadText();
                    break;
                case 4:
                    ReadAttribute(reader.ReadMessage(), link.Attributes, texts);
                    break;
                case 5:
                    span.Dropped += (uint)reader.ReadNumber();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return link;
    }

    private static void ReadStatus(ReadOnlyMemory<byte> message, OtlpSpan span)
    {
        var reader = new ProtobufReader(message);
        while (reader.NextField() is not 0 and var field)
        {
            switch (field)
            {
                case 2:
                    span.StatusMessage = reader.ReadText();
                    break;
                case 3:
                    span.StatusCode = span.CheckCode((long)reader.ReadNumber(), 2, "status.code");
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private static OtlpLog ReadLog(OtlpSource source, ReadOnlyMemory<byte> message, TextCache texts)
    {
        var log = new OtlpLog { Source = source };
        var reader = new ProtobufReader(message);
        while (reader.NextField() is not 0 and var field)
        {
            switch (field)
            {
                case 1:
                    log.TimeNs = reader.ReadFixed64();
                    break;
                case 2:
                    log.SeverityNumber = log.CheckCode((long)reader.ReadNumber(), 24, "severityNumber");
                    break;
                case 3:
                    log.SeverityText = reader.ReadText();
                    break;
                case 5:
                    log.Body = ReadValue(reader.ReadMessage(), 0, new Budget(), texts);
                    break;
                case 6:
                    ReadAttribute(reader.ReadMessage(), log.Attributes, texts);
                    break;
                case 7:
                    log.Dropped += (uint)reader.ReadNumber();
                    break;
                case 9:
                    var traceId = reader.ReadSpan();
                    log.TraceId = log.CheckId(OtlpText.Id(traceId, 16), traceId, 16, "traceId", "trace id");
                    break;
                case 10:
                    var spanId = reader.ReadSpan();
                    log.SpanId = log.CheckId(OtlpText.Id(spanId, 8), spanId, 8, "spanId", "span id");
                    break;
                case 11:
                    log.ObservedTimeNs = reader.ReadFixed64();
                    break;
                case 12:
                    log.EventName = reader.ReadText();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return log;
    }
}
