using System.Security.Cryptography;

namespace AgentOps.Rca.Artifacts;

/// <summary>
/// Content that was found intact in a first pass and is now read again. Read from start to end it is hashed once more, and the read
/// that would hand out the last bytes throws when they are no longer what they were. It never hands out more than the row's length.
/// </summary>
internal sealed class VerifiedArtifactStream(Stream content, Artifact artifact) : ContentStream
{
    private IncrementalHash? _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _hashed;

    public override long Length => artifact.Length;

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

    protected override void OnMove(long place)
    {
        content.Seek(place, SeekOrigin.Begin);
        if (place == 0 && _hashed > 0)
        {
            _hash?.Dispose();
            _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            _hashed = 0;
        }
    }

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

    private int Accept(Span<byte> buffer, int read)
    {
        if (read == 0)
        {
            throw new ArtifactDigestMismatchException($"The content of the artifact {artifact.Digest} was cut while it was read.");
        }

        if (_hash is not null && _hashed == Position)
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

        return Advance(read);
    }
}
