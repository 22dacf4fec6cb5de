using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace AgentOps.Rca.Reading;

/// <summary>A place in the listing of steps as bytes: a mark, the start in nanoseconds, the step's id.</summary>
internal static class RunStepCursorText
{
    private const byte Mark = (byte)'t';
    private const int Head = 1 + 8;

    public static byte[] Write(RunStepCursor place)
    {
        var bytes = new byte[Head + Encoding.UTF8.GetByteCount(place.StepId)];
        bytes[0] = Mark;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), place.StartNs);
        Encoding.UTF8.GetBytes(place.StepId, bytes.AsSpan(Head));
        return bytes;
    }

    public static RunStepCursor? Read(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= Head || bytes[0] != Mark || !Utf8.IsValid(bytes[Head..])
            ? null
            : new RunStepCursor(BinaryPrimitives.ReadInt64BigEndian(bytes[1..]), Encoding.UTF8.GetString(bytes[Head..]));
}
