using System.Globalization;

namespace AgentOps.Rca.Importing.Sources;

/// <summary>
/// Counts what is unpacked, and stops where it is more than the file may hold, or far more than honest content packs to. Disposes the stream
/// that it reads.
/// </summary>
/// <param name="content">The unpacked content.</param>
/// <param name="most">How many bytes it may have.</param>
/// <param name="packed">How many bytes it was packed into; null when it is not packed.</param>
/// <param name="onRead">Told how many bytes were read so far; null tells nobody.</param>
internal sealed class BoundedStream(Stream content, long most, long? packed, Action<long>? onRead = null) : Stream
{
    /// <summary>How many bytes were read.</summary>
    public long Count { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => Count;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override int Read(Span<byte> buffer) => Take(content.Read(buffer));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Take(await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            content.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Take(int read)
    {
        Count += read;
        onRead?.Invoke(Count);
        if (Count > most)
        {
            throw new ImportTooLargeException(string.Create(CultureInfo.InvariantCulture, $"The content has more than {most} bytes when it is unpacked."));
        }

        if (packed is { } from && Count > ImportLimits.FreeBytes && Count / ImportLimits.Ratio > from)
        {
            throw new ImportTooLargeException(string.Create(
                CultureInfo.InvariantCulture, $"{from} bytes unpack to more than {ImportLimits.Ratio} times as many, which no honest content does."));
        }

        return read;
    }
}
