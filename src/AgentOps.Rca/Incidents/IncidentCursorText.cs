using System.Buffers.Binary;

namespace AgentOps.Rca.Incidents;

/// <summary>A place in the listing of incidents as bytes: a mark, the time in ticks of 100 ns, the id.</summary>
internal static class IncidentCursorText
{
    private const byte Mark = (byte)'i';
    private const int Length = 1 + 8 + 16;

    public static byte[] Write(Incident incident) => Write(new IncidentCursor(incident.CreatedTs, incident.Id));

    public static byte[] Write(IncidentCursor place)
    {
        var bytes = new byte[Length];
        bytes[0] = Mark;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), place.CreatedTs.UtcTicks);
        place.Id.TryWriteBytes(bytes.AsSpan(9), bigEndian: true, out _);
        return bytes;
    }

    public static IncidentCursor? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length || bytes[0] != Mark)
        {
            return null;
        }

        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes[1..]);
        return ticks < 0 || ticks > DateTimeOffset.MaxValue.Ticks
            ? null
            : new IncidentCursor(new DateTimeOffset(ticks, TimeSpan.Zero), new Guid(bytes[9..], bigEndian: true));
    }
}
