namespace AgentOps.Rca.Groq;

/// <summary>
/// A reply's body that fails instead of going on for ever: after more than so many bytes, or when nothing arrives for so long.
/// </summary>
internal sealed class GuardedReplyStream(Stream inner, int maxBytes, TimeSpan idleTimeout, TimeProvider timeProvider) : Stream
{
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static GroqException TooLarge(int maxBytes) => new(
        GroqErrorKind.ReplyTooLarge,
        $"Groq's reply has more than {maxBytes} bytes, the most that {nameof(GroqOptions.MaxReplyBytes)} allows; it was not read further.");

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var idle = new CancellationTokenSource(idleTimeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, cancellationToken);
        int count;
        try
        {
            count = await inner.ReadAsync(buffer, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (idle.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new GroqException(
                GroqErrorKind.Timeout, $"Groq's reply stalled: nothing arrived for {GroqDuration.ToSentence(idleTimeout)}.", exception);
        }

        _read += count;
        return _read > maxBytes ? throw TooLarge(maxBytes) : count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

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
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
