using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Bundles.Streams;

/// <summary>
/// A part of a seekable stream as a stream of its own, which leaves the whole open. Several may be read in turn, not at once.
/// </summary>
internal sealed class Section(Stream whole, long start, long length) : ContentStream
{
    public override long Length => length;

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override int Read(Span<byte> buffer)
    {
        buffer = buffer[..Prepare(buffer.Length)];
        return buffer.IsEmpty ? 0 : Advance(whole.Read(buffer));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        buffer = buffer[..Prepare(buffer.Length)];
        return buffer.IsEmpty ? 0 : Advance(await whole.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));
    }

    private int Prepare(int wanted)
    {
        // Another section of the same whole may have been read in between.
        if (whole.Position != start + Position)
        {
            whole.Position = start + Position;
        }

        return Clamp(wanted);
    }
}
