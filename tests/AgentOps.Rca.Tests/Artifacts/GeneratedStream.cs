using System.Buffers.Binary;

namespace AgentOps.Rca.Tests.Artifacts;

/// <summary>
/// A stream of any length that is made while it is read: not seekable, and it hands out as few bytes at a time, and as slowly, as it
/// is told. Each eight bytes hold their own offset, so that no two blocks are alike.
/// </summary>
internal sealed class GeneratedStream(long length, int atMost = int.MaxValue, TimeSpan delay = default) : Stream
{
    private long _position;

    /// <summary>Called with the position before each read; may throw.</summary>
    public Action<long>? BeforeRead { get; init; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        Fill(bytes, 0);
        return bytes;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        BeforeRead?.Invoke(_position);
        if (delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, cancellationToken);
        }

        var count = (int)Math.Min(Math.Min(buffer.Length, atMost), length - _position);
        Fill(buffer.Span[..count], _position);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous reads.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static void Fill(Span<byte> bytes, long position)
    {
        Span<byte> word = stackalloc byte[sizeof(long)];
        for (var i = 0; i < bytes.Length;)
        {
            var skip = (int)((position + i) % sizeof(long));
            BinaryPrimitives.WriteInt64LittleEndian(word, position + i - skip);
            var part = word[skip..];
            part = part[..Math.Min(part.Length, bytes.Length - i)];
            part.CopyTo(bytes[i..]);
            i += part.Length;
        }
    }
}
