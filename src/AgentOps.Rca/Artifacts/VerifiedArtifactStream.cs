using System.Security.Cryptography;

namespace AgentOps.Rca.Artifacts;

/// <summary>
/// Content that was found intact in a first pass and is now read again. Read from start to end it is hashed once more, and the read
/// that would hand out the last bytes throws when they are no longer what they were. It never hands out more than the row's length.
/// </summary>
internal sealed class VerifiedArtifactStream(Stream content, Artifact artifact) : Stream
{
    private IncrementalHash? _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _position;
    private long _hashed;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => artifact.Length;

    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override int Read(Span<byte> buffer)
    {
        buffer = buffer[..Clamp(buffer.Length)];
        return buffer.IsEmpty ? 0 : Accept(buffer, content.Read(buffer));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        buffer = buffer[..Clamp(buffer.Length)];
        if (buffer.IsEmpty)
        {
            return 0;
        }

        var read = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return Accept(buffer.Span, read);
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        var position = offset + origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => _position,
            SeekOrigin.End => Length,
            _ => throw new ArgumentOutOfRangeException(nameof(origin)),
        };
        ArgumentOutOfRangeException.ThrowIfNegative(position, nameof(offset));
        content.Seek(position, SeekOrigin.Begin);
        if (position == 0 && _hashed > 0)
        {
            _hash?.Dispose();
            _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            _hashed = 0;
        }

        return _position = position;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await content.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash?.Dispose();
            _hash = null;
            content.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Clamp(int wanted) => (int)Math.Clamp(Length - _position, 0, wanted);

    private int Accept(Span<byte> buffer, int read)
    {
        if (read == 0)
        {
            throw new ArtifactDigestMismatchException($"The content of the artifact {artifact.Digest} was cut while it was read.");
        }

        if (_hash is not null && _hashed == _position)
        {
            _hash.AppendData(buffer[..read]);
            _hashed += read;
            if (_hashed == Length)
            {
                var actual = new ArtifactDigest(_hash.GetHashAndReset());
                _hash.Dispose();
                _hash = null;
                if (actual != artifact.Digest)
                {
                    buffer[..read].Clear();
                    throw new ArtifactDigestMismatchException(artifact.Digest, actual);
                }
            }
        }

        _position += read;
        return read;
    }
}
