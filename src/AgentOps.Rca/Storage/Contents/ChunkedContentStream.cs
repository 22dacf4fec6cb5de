using System.Buffers;

namespace AgentOps.Rca.Storage.Contents;

/// <summary>Reads content chunk by chunk, from any place. One chunk is in memory at a time.</summary>
internal sealed class ChunkedContentStream(IContentChunks chunks, PublishedContent content) : Stream
{
    private readonly int _room = (int)Math.Min(content.ChunkLength, content.Length);
    private byte[]? _chunk;
    private int _chunkIndex = -1;
    private int _chunkLength;
    private bool _isDisposed;
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => content.Length;

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (buffer.IsEmpty || _position >= content.Length || content.ChunkLength == 0)
        {
            return 0;
        }

        var index = checked((int)(_position / content.ChunkLength));
        var offset = (int)(_position % content.ChunkLength);
        if (index != _chunkIndex)
        {
            _chunk ??= ArrayPool<byte>.Shared.Rent(_room);
            // Until it is read, no chunk is there.
            _chunkIndex = -1;
            _chunkLength = await chunks.ReadAsync(content.ContentId, index, _chunk.AsMemory(0, _room), cancellationToken).ConfigureAwait(false) ?? 0;
            _chunkIndex = index;
        }

        // A chunk that is missing or short ends the stream early; the reader's hash tells.
        var there = Math.Min(_chunkLength, _room);
        if (offset >= there)
        {
            return 0;
        }

        var left = Math.Min(there - offset, content.Length - _position);
        var count = (int)Math.Min(buffer.Length, left);
        _chunk!.AsMemory(offset, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override long Seek(long offset, SeekOrigin origin)
    {
        var place = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            _ => content.Length + offset,
        };
        return place < 0 ? throw new IOException("Content cannot be read from before its beginning.") : _position = place;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            if (_chunk is { } chunk)
            {
                ArrayPool<byte>.Shared.Return(chunk);
            }
        }

        base.Dispose(disposing);
    }
}
