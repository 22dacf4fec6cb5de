using System.Buffers.Binary;
using System.Text;
using AgentOps.Rca.Analysis;

namespace AgentOps.Rca.Patterns;

/// <summary>A place in the listing of patterns as bytes: a mark, the count, the time it was last seen, the signature.</summary>
internal static class PatternCursorText
{
    private const byte Mark = (byte)'p';
    private const int Head = 1 + 4 + 8;

    public static byte[] Write(RcaPattern pattern)
    {
        var bytes = new byte[Head + Encoding.UTF8.GetByteCount(pattern.Signature)];
        bytes[0] = Mark;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), pattern.Count);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(5), pattern.LastSeen?.UtcTicks ?? 0);
        Encoding.UTF8.GetBytes(pattern.Signature, bytes.AsSpan(Head));
        return bytes;
    }

    public static PatternCursor? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Head || bytes[0] != Mark)
        {
            return null;
        }

        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes[5..]);
        return ticks < 0 || ticks > DateTimeOffset.MaxValue.Ticks
            ? null
            : new PatternCursor(
                BinaryPrimitives.ReadInt32BigEndian(bytes[1..]), new DateTimeOffset(ticks, TimeSpan.Zero), Encoding.UTF8.GetString(bytes[Head..]));
    }
}
