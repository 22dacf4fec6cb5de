using System.Buffers;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Storage.Contents;

/// <summary>Reads content chunk by chunk, from any place. One chunk is in memory at a time.</summary>
internal sealed class ChunkedContentStream(IContentChunks chunks, PublishedContent content) : ContentStream
{
    private readonly int _room = (int)Math.Min(content.ChunkLength, content.Length);
    private byte[]? _chunk;
    private int _chunkIndex = -1;
    private int _chunkLength;
    private bool _isDisposed;

    public override long Length => content.Length;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (buffer.IsEmpty || Position >= content.Length || content.ChunkLength == 0)
        {
            return 0;
        }

        var index = checked((int)(Position / content.ChunkLength));
        var offset = (int)(Position % content.ChunkLength);
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

        var left = Math.Min(there - offset, content.Length - Position);
        var count = (int)Math.Min(buffer.Length, left);
        _chunk!.AsMemory(offset, count).CopyTo(buffer);
        return Advance(count);
    }

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
