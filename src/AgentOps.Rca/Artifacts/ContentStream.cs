namespace AgentOps.Rca.Artifacts;

/// <summary>Content that is read from any place, and never written.</summary>
internal abstract class ContentStream : Stream
{
    private long _place;

    public sealed override bool CanRead => true;

    public sealed override bool CanSeek => true;

    public sealed override bool CanWrite => false;

    public sealed override long Position
    {
        get => _place;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            OnMove(value);
            _place = value;
        }
    }

    public sealed override long Seek(long offset, SeekOrigin origin)
    {
        var place = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _place + offset,
            SeekOrigin.End => Length + offset,
            _ => throw new ArgumentOutOfRangeException(nameof(origin)),
        };
        return place < 0 ? throw new IOException("Content cannot be read from before its beginning.") : Position = place;
    }

    // Who can read at once overrides both.
    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
    }

    public sealed override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    public sealed override void Flush()
    {
    }

    public sealed override void SetLength(long value) => throw new NotSupportedException();

    public sealed override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Called before the place changes other than by reading.</summary>
    protected virtual void OnMove(long place)
    {
    }

    /// <summary>Goes on by what was read.</summary>
    protected int Advance(int read)
    {
        _place += read;
        return read;
    }

    /// <summary>How many of the bytes that a reader has room for are still to come.</summary>
    protected int Clamp(int wanted) => (int)Math.Clamp(Length - _place, 0, wanted);
}
