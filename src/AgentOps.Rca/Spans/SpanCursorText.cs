using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace AgentOps.Rca.Spans;

/// <summary>A place in the listing of spans as bytes: a mark, the start, the id.</summary>
internal static class SpanCursorText
{
    private const byte Mark = (byte)'s';
    private const int IdOffset = 1 + 8;

    public static byte[] Write(Span span) => Write(new SpanCursor(span.StartTs, span.SpanId));

    public static byte[] Write(SpanCursor span)
    {
        var bytes = new byte[IdOffset + Encoding.UTF8.GetByteCount(span.SpanId)];
        bytes[0] = Mark;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), span.StartTs);
        Encoding.UTF8.GetBytes(span.SpanId, bytes.AsSpan(IdOffset));
        return bytes;
    }

    public static SpanCursor? Read(ReadOnlySpan<byte> bytes) =>
        bytes.Length > IdOffset && bytes[0] == Mark && Utf8.IsValid(bytes[IdOffset..]) && !bytes[IdOffset..].Contains((byte)0)
            ? new SpanCursor(BinaryPrimitives.ReadInt64BigEndian(bytes[1..]), Encoding.UTF8.GetString(bytes[IdOffset..]))
            : null;
}
