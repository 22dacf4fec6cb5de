namespace AgentOps.Rca.OpenTelemetry;

/// <summary>
/// Keeps many short pieces of bytes in few arrays: a collector of garbage pays for each array that lives. The first one is small and each
/// is twice as large as the one before, so at most half of what is held is empty.
/// </summary>
internal sealed class ByteChunks
{
    private const int Smallest = 1024;

    // Few enough objects, and little that stays empty at the end of a request.
    private const int Largest = 16 * 1024;

    private byte[] _chunk = [];
    private int _used;

    public ArraySegment<byte> Keep(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _chunk.Length - _used)
        {
            _chunk = GC.AllocateUninitializedArray<byte>(Math.Max(bytes.Length, Math.Clamp(_chunk.Length * 2, Smallest, Largest)));
            _used = 0;
        }

        bytes.CopyTo(_chunk.AsSpan(_used));
        var kept = new ArraySegment<byte>(_chunk, _used, bytes.Length);
        _used += bytes.Length;
        return kept;
    }
}
