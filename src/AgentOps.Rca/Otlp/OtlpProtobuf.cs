using AgentOps.Rca.Spans.Ingest;

namespace AgentOps.Rca.Otlp;

/// <summary>
/// Reads OTLP in Protocol Buffers, record by record. Unknown fields are passed over, as newer versions of the protocol may have them.
/// </summary>
/// <remarks>Field numbers: opentelemetry-proto 1.x, trace/v1, logs/v1, common/v1, resource/v1.</remarks>
internal static class OtlpProtobuf
{
    /// <summary>The spans of an <c>ExportTraceServiceRequest</c>. All of them are one object: each is there until the next is asked for.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static IEnumerable<OtlpSpan> ReadSpans(ReadOnlyMemory<byte> body)
    {
        var texts = new TextCache();
        var ids = new OtlpIds();
        OtlpSpan? span = null;
        foreach (var (source, record) in ReadRecords(body, texts))
        {
            span ??= new OtlpSpan { Source = source };
            span.Clear(source);
            ReadSpan(span, record, texts, ids);
            yield return span;
        }
    }

    /// <summary>The records of an <c>ExportLogsServiceRequest</c>.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static IEnumerable<OtlpLog> ReadLogs(ReadOnlyMemory<byte> body)
    {
        var texts = new TextCache();
        foreach (var (source, record) in ReadRecords(body, texts))
        {
            yield return ReadLog(source, record, texts);
        }
    }

    // Traces and logs have the same shape around their records: resource, scope, record, with the same numbers.
    private static IEnumerable<(OtlpSource Source, ReadOnlyMemory<byte> Record)> ReadRecords(ReadOnlyMemory<byte> body, TextCache texts)
    {
        foreach (var group in Messages(body, 1))
        {
            var resource = new OtlpAttributes();
            foreach (var message in Messages(group, 1))
            {
                foreach (var attribute in Messages(message, 1))
                {
                    ReadAttribute(new ProtobufReader(attribute), resource, texts);
                }
            }

            foreach (var scoped in Messages(group, 2))
            {
                var (name, version) = ReadScope(scoped);
                var source = new OtlpSource(resource, name, version);
                foreach (var record in Messages(scoped, 2))
                {
                    yield return (source, record);
                }
            }
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Messages(ReadOnlyMemory<byte> message, int number)
    {
        var reader = new ProtobufReader(message);
        while (reader.NextField() is not 0 and var field)
        {
            if (field == number)
            {
                yield return reader.ReadBytes();
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static (string? Name, string? Version) ReadScope(ReadOnlyMemory<byte> scoped)
    {
        string? name = null;
        string? version = null;
        foreach (var message in Messages(scoped, 1))
        {
            var reader = new ProtobufReader(message);
            while (reader.NextField() is not 0 and var field)
            {
                switch (field)
                {
                    case 1:
                        name = reader.ReadText();
                        break;
                    case 2:
                        version = reader.ReadText();
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }
        }

        return (name, version);
    }

    private static void ReadSpan(OtlpSpan span, ReadOnlyMemory<byte> message, TextCache texts, OtlpIds ids)
    {
        var reader = new ProtobufReader(message);
        while (reader.NextField() is not 0 and var field)
        {
            switch (field)
            {
                case 1:
                    span.TraceId = ids.Trace(reader.ReadSpan());
                    break;
                case 2:
                    span.SpanId = OtlpText.Id(reader.ReadSpan(), 8);
                    break;
                case 4:
                    span.ParentSpanId = ids.Parent(reader.ReadSpan());
                    break;
                case 5:
                    span.Name = reader.ReadText(texts);
                    break;
                case 6:
                    span.Kind = (int)reader.ReadNumber();
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
                    span.Add(ReadEvent(reader.ReadBytes(), texts));
                    break;
                case 13:
                    span.Add(ReadLink(reader.ReadBytes(), texts));
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

    private static OtlpEvent ReadEvent(ReadOnlyMemory<byte> message, TextCache texts)
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
                default:
                    reader.Skip();
                    break;
            }
        }

        return found;
    }

    private static OtlpLink ReadLink(ReadOnlyMemory<byte> message, TextCache texts)
    {
        var link = new OtlpLink();
        var reader = new ProtobufReader(message);
        while (reader.NextField() is not 0 and var field)
        {
            switch (field)
            {
                case 1:
                    link.TraceId = OtlpText.Id(reader.ReadSpan(), 16);
                    break;
                case 2:
                    link.SpanId = OtlpText.Id(reader.ReadSpan(), 8);
                    break;
                case 4:
                    ReadAttribute(reader.ReadMessage(), link.Attributes, texts);
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
                    span.StatusCode = (int)reader.ReadNumber();
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
                    log.SeverityNumber = (int)reader.ReadNumber();
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
                case 9:
                    log.TraceId = OtlpText.Id(reader.ReadSpan(), 16);
                    break;
                case 10:
                    log.SpanId = OtlpText.Id(reader.ReadSpan(), 8);
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

    private static void ReadAttribute(
        ProtobufReader reader, OtlpAttributes attributes, TextCache texts, int depth = 0, Budget? budget = null)
    {
        var name = "";
        var value = default(OtlpValue);
        while (reader.NextField() is not 0 and var field)
        {
            switch (field)
            {
                case 1:
                    name = reader.ReadText(texts);
                    break;
                case 2:
                    value = ReadValue(reader.ReadMessage(), depth, budget, texts);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        attributes.Add(name, value);
    }

    private static OtlpValue ReadValue(ProtobufReader reader, int depth, Budget? budget, TextCache texts)
    {
        if (depth > OtlpLimits.ValueDepth)
        {
            throw new InvalidDataException($"A value nests deeper than {OtlpLimits.ValueDepth} steps.");
        }

        budget?.Spend();
        var value = default(OtlpValue);
        while (reader.NextField() is not 0 and var field)
        {
            switch (field)
            {
                case 1:
                    value = reader.ReadTextValue();
                    break;
                case 2:
                    value = OtlpValue.Of(reader.ReadNumber() != 0);
                    break;
                case 3:
                    value = OtlpValue.Of((long)reader.ReadNumber());
                    break;
                case 4:
                    value = OtlpValue.Of(BitConverter.UInt64BitsToDouble(reader.ReadFixed64()));
                    break;
                case 5:
                    budget ??= new Budget();
                    var items = new List<OtlpValue>();
                    foreach (var item in Messages(reader.ReadBytes(), 1))
                    {
                        items.Add(ReadValue(new ProtobufReader(item), depth + 1, budget, texts));
                    }

                    value = OtlpValue.Of(items);
                    break;
                case 6:
                    budget ??= new Budget();
                    var members = new OtlpAttributes();
                    foreach (var member in Messages(reader.ReadBytes(), 1))
                    {
                        ReadAttribute(new ProtobufReader(member), members, texts, depth + 1, budget);
                    }

                    value = OtlpValue.Of(members);
                    break;
                case 7:
                    value = OtlpValue.Of(reader.ReadBytes().ToArray());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return value;
    }

    // Empty values cost the sender two bytes and the reader far more.
    private sealed class Budget
    {
        private int _spent;

        public void Spend()
        {
            if (++_spent > OtlpLimits.Values)
            {
                throw new InvalidDataException($"An attribute holds more than {OtlpLimits.Values} values.");
            }
        }
    }
}
