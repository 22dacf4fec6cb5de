namespace AgentOps.Rca.Otlp;

/// <summary>
/// Reads OTLP in Protocol Buffers, record by record. Unknown fields are passed over, as newer versions of the protocol may have them.
/// </summary>
/// <remarks>Field numbers: opentelemetry-proto 1.x, trace/v1, logs/v1, common/v1, resource/v1.</remarks>
internal static class OtlpProtobuf
{
    /// <summary>The spans of an <c>ExportTraceServiceRequest</c>.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static IEnumerable<OtlpSpan> ReadSpans(ReadOnlyMemory<byte> body)
    {
        foreach (var (source, record) in ReadRecords(body))
        {
            yield return ReadSpan(source, record);
        }
    }

    /// <summary>The records of an <c>ExportLogsServiceRequest</c>.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static IEnumerable<OtlpLog> ReadLogs(ReadOnlyMemory<byte> body)
    {
        foreach (var (source, record) in ReadRecords(body))
        {
            yield return ReadLog(source, record);
        }
    }

    // Traces and logs have the same shape around their records: resource, scope, record, with the same numbers.
    private static IEnumerable<(OtlpSource Source, ReadOnlyMemory<byte> Record)> ReadRecords(ReadOnlyMemory<byte> body)
    {
        foreach (var group in Messages(body, 1))
        {
            var resource = new OtlpAttributes();
            foreach (var message in Messages(group, 1))
            {
                foreach (var attribute in Messages(message, 1))
                {
                    ReadAttribute(attribute, resource, 0);
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

    private static OtlpSpan ReadSpan(OtlpSource source, ReadOnlyMemory<byte> message)
    {
        var span = new OtlpSpan { Source = source };
        var reader = new ProtobufReader(message);
        while (reader.NextField() is not 0 and var field)
        {
            switch (field)
            {
                case 1:
                    span.TraceId = OtlpText.Id(reader.ReadBytes().Span, 16);
                    break;
                case 2:
                    span.SpanId = OtlpText.Id(reader.ReadBytes().Span, 8);
                    break;
                case 4:
                    span.ParentSpanId = OtlpText.Id(reader.ReadBytes().Span, 8);
                    break;
                case 5:
                    span.Name = reader.ReadText();
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
                    ReadAttribute(reader.ReadBytes(), span.Attributes, 0);
                    break;
                case 10 or 12 or 14:
                    span.Dropped += (uint)reader.ReadNumber();
                    break;
                case 11:
                    Keep(span, span.Events, ReadEvent(reader.ReadBytes()));
                    break;
                case 13:
                    Keep(span, span.Links, ReadLink(reader.ReadBytes()));
                    break;
                case 15:
                    ReadStatus(reader.ReadBytes(), span);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return span;
    }

    private static void Keep<T>(OtlpSpan span, List<T> list, T item)
    {
        if (list.Count < OtlpLimits.Items)
        {
            list.Add(item);
        }
        else
        {
            span.Dropped++;
        }
    }

    private static OtlpEvent ReadEvent(ReadOnlyMemory<byte> message)
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
                    found.Name = reader.ReadText();
                    break;
                case 3:
                    ReadAttribute(reader.ReadBytes(), found.Attributes, 0);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return found;
    }

    private static OtlpLink ReadLink(ReadOnlyMemory<byte> message)
    {
        var link = new OtlpLink();
        var reader = new ProtobufReader(message);
        while (reader.NextField() is not 0 and var field)
        {
            switch (field)
            {
                case 1:
                    link.TraceId = OtlpText.Id(reader.ReadBytes().Span, 16);
                    break;
                case 2:
                    link.SpanId = OtlpText.Id(reader.ReadBytes().Span, 8);
                    break;
                case 4:
                    ReadAttribute(reader.ReadBytes(), link.Attributes, 0);
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

    private static OtlpLog ReadLog(OtlpSource source, ReadOnlyMemory<byte> message)
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
                    log.Body = ReadValue(reader.ReadBytes(), 0, new Budget());
                    break;
                case 6:
                    ReadAttribute(reader.ReadBytes(), log.Attributes, 0);
                    break;
                case 9:
                    log.TraceId = OtlpText.Id(reader.ReadBytes().Span, 16);
                    break;
                case 10:
                    log.SpanId = OtlpText.Id(reader.ReadBytes().Span, 8);
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

    private static void ReadAttribute(ReadOnlyMemory<byte> message, OtlpAttributes attributes, int depth, Budget? budget = null)
    {
        var name = "";
        var value = default(OtlpValue);
        var reader = new ProtobufReader(message);
        while (reader.NextField() is not 0 and var field)
        {
            switch (field)
            {
                case 1:
                    name = reader.ReadText();
                    break;
                case 2:
                    value = ReadValue(reader.ReadBytes(), depth, budget ?? new Budget());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        attributes.Add(name, value);
    }

    private static OtlpValue ReadValue(ReadOnlyMemory<byte> message, int depth, Budget budget)
    {
        if (depth > OtlpLimits.ValueDepth)
        {
            throw new InvalidDataException($"A value nests deeper than {OtlpLimits.ValueDepth} steps.");
        }

        budget.Spend();
        var value = default(OtlpValue);
        var reader = new ProtobufReader(message);
        while (reader.NextField() is not 0 and var field)
        {
            switch (field)
            {
                case 1:
                    value = OtlpValue.Of(reader.ReadText());
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
                    var items = new List<OtlpValue>();
                    foreach (var item in Messages(reader.ReadBytes(), 1))
                    {
                        items.Add(ReadValue(item, depth + 1, budget));
                    }

                    value = OtlpValue.Of(items);
                    break;
                case 6:
                    var members = new OtlpAttributes();
                    foreach (var member in Messages(reader.ReadBytes(), 1))
                    {
                        ReadAttribute(member, members, depth + 1, budget);
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
