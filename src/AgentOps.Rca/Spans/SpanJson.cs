using System.Buffers;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Spans;

/// <summary>
/// The canonical form of a span (<see cref="CanonicalJson"/>): an object with <c>args_digest</c>, <c>attributes</c>, <c>end_ts</c>,
/// <c>incident_id</c>, <c>parent_id</c>, <c>result_digest</c>, <c>span_id</c>, <c>start_ts</c> and <c>tool</c>, null where unknown.
/// </summary>
internal static class SpanJson
{
    /// <summary>Writes the canonical form as UTF-8, without a line's end.</summary>
    /// <param name="span">The span.</param>
    /// <param name="destination">Where the bytes go.</param>
    public static void WriteCanonical(Span span, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(span);
        ArgumentNullException.ThrowIfNull(destination);
        WriteText("{\"args_digest\":"u8, span.ArgsDigest, destination);
        destination.Write(",\"attributes\":"u8);
        CanonicalJson.Write(span.Attributes, destination);
        WriteNumber(",\"end_ts\":"u8, span.EndTs, destination);
        WriteText(",\"incident_id\":"u8, span.IncidentId, destination);
        WriteText(",\"parent_id\":"u8, span.ParentId, destination);
        WriteText(",\"result_digest\":"u8, span.ResultDigest, destination);
        WriteText(",\"span_id\":"u8, span.SpanId, destination);
        WriteNumber(",\"start_ts\":"u8, span.StartTs, destination);
        WriteText(",\"tool\":"u8, span.Tool, destination);
        destination.Write("}"u8);
    }

    /// <summary>The SHA-256 of the canonical form.</summary>
    /// <param name="span">The span.</param>
    public static ArtifactDigest Digest(Span span)
    {
        return Digest(span, new ArrayBufferWriter<byte>(512));
    }

    /// <summary>The SHA-256 of the canonical form.</summary>
    /// <param name="span">The span.</param>
    /// <param name="buffer">Room to write the form to; what is in it is overwritten.</param>
    internal static ArtifactDigest Digest(Span span, ArrayBufferWriter<byte> buffer)
    {
        buffer.ResetWrittenCount();
        WriteCanonical(span, buffer);
        return ArtifactDigest.Of(buffer.WrittenSpan);
    }

    private static void WriteText(ReadOnlySpan<byte> name, string? value, IBufferWriter<byte> destination)
    {
        destination.Write(name);
        if (value is null)
        {
            destination.Write("null"u8);
        }
        else
        {
            CanonicalJson.WriteText(value, destination);
        }
    }

    private static void WriteNumber(ReadOnlySpan<byte> name, long value, IBufferWriter<byte> destination)
    {
        destination.Write(name);
        CanonicalJson.WriteInteger(value, destination);
    }
}
