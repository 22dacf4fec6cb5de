using System.Collections.Concurrent;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Storage.InMemory;

/// <summary>Bytes of artifacts in memory: for unit tests, demonstrations and short-lived tools. Nothing survives the process.</summary>
public sealed class InMemoryArtifactContentStore : IArtifactContentStore
{
    private readonly ConcurrentDictionary<ArtifactDigest, byte[]> _contents = new();

    /// <inheritdoc/>
    public async ValueTask<StoredContent> WriteAsync(
        Stream content, ArtifactDigest? expected = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        using var buffer = new MemoryStream();
        await content.CopyToAsync(buffer, cancellationToken);
        var bytes = buffer.ToArray();
        var digest = ArtifactDigest.Of(bytes);
        if (expected is { } wanted && wanted != digest)
        {
            throw new ArtifactDigestMismatchException(wanted, digest);
        }

        _contents[digest] = bytes;
        return new StoredContent(digest, bytes.Length);
    }

    /// <inheritdoc/>
    public ValueTask<Stream?> OpenAsync(ArtifactDigest digest, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<Stream?>(
            _contents.TryGetValue(digest, out var bytes) ? new MemoryStream(bytes, writable: false) : null);
    }
}
