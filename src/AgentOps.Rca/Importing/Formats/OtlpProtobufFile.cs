using AgentOps.Rca.Importing.Sources;
using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>
/// One OTLP request in protobuf, of spans or of log records: the two have the same form down to their records, and a record of one kind is none of
/// the other.
/// </summary>
internal sealed class OtlpProtobufFile : IFileFormat
{
    private const byte FirstField = 0x0A;

    public string Name => ImportFormats.OtlpProtobuf;

    public bool HasOneStory => true;

    public bool Knows(FileShape shape) => !shape.IsJson && shape.Head.Length > 2 && shape.Head.Span[0] == FirstField && LooksLikeMessage(shape.Head.Span);

    public async ValueTask<long> ReadAsync(ImportContent content, ImportSink sink, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> body;
        var stream = content.Open();
        await using (stream.ConfigureAwait(false))
        {
            body = await ImportContent.ReadWholeAsync(stream, ImportLimits.ProtobufBytes, cancellationToken).ConfigureAwait(false);
        }

        var place = new FilePlace(0, 0, null, content.Member);
        if (body.Length > ImportLimits.ProtobufBytes)
        {
            sink.LeaveOut($"A protobuf request of more than {ImportLimits.ProtobufBytes} bytes is not read.", place);
            return 0;
        }

        if (HoldsSpans(body))
        {
            await OtlpJsonFile.TakeAsync(OtlpProtobuf.ReadSpans(body), place, -1, sink, sink.AddAsync, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await OtlpJsonFile.TakeAsync(OtlpProtobuf.ReadLogs(body), place, -1, sink, sink.AddAsync, cancellationToken).ConfigureAwait(false);
        }

        return 1;
    }

    // Field 1 of the request: a length, and within it the resource (field 1), the scopes (2) or the schema (3).
    private static bool LooksLikeMessage(ReadOnlySpan<byte> head)
    {
        var at = 1;
        while (at < head.Length && at < 6 && head[at] >= 0x80)
        {
            at++;
        }

        return at + 1 < head.Length && head[at + 1] is 0x0A or 0x12 or 0x1A;
    }

    private static bool HoldsSpans(ReadOnlyMemory<byte> body)
    {
        try
        {
            foreach (var read in OtlpProtobuf.ReadSpans(body))
            {
                return read.Record is { TraceId: not null, SpanId: not null, Name.Length: > 0 } span && OtlpSpanMapper.IsTime(span.StartNs);
            }
        }
        catch (InvalidDataException)
        {
            // What stands before the fault is read all the same.
            return true;
        }

        return false;
    }
}
