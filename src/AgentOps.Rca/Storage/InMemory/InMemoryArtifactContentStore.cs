using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Storage.InMemory;

/// <summary>Bytes of artifacts in memory: for unit tests, demonstrations and short-lived tools. Nothing survives the process.</summary>
/// <param name="timeProvider">The clock that says how old content is; the system's when null.</param>
public sealed class InMemoryArtifactContentStore(TimeProvider? timeProvider = null) : IArtifactContentStore, IArtifactContentRetention
{
    // Whoever writes content or keeps it puts an entry of its own there, and a collection removes only the entry that it has looked at.
    private readonly ConcurrentDictionary<ArtifactDigest, Entry> _contents = new();
    private readonly TimeProvider _timeProvider = timeProvider ?? TimeProvider.System;

    /// <inheritdoc/>
    public async ValueTask<StoredContent> WriteAsync(
        Stream content, ArtifactDigest? expected = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        using var buffer = new MemoryStream();
        await content.CopyToAsync(buffer, cancellationToken).ConfigureAwait(false);
        var bytes = buffer.ToArray();
        var digest = ArtifactDigest.Of(bytes);
        if (expected is { } wanted && wanted != digest)
        {
            throw new ArtifactDigestMismatchException(wanted, digest);
        }

        _contents[digest] = new Entry(bytes, _timeProvider.GetUtcNow());
        return new StoredContent(digest, bytes.Length);
    }

    /// <inheritdoc/>
    public ValueTask<Stream?> OpenAsync(ArtifactDigest digest, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<Stream?>(
            _contents.TryGetValue(digest, out var entry) ? new MemoryStream(entry.Bytes, writable: false) : null);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ArtifactDigest> ListOldAsync(
        TimeSpan age, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        var before = _timeProvider.GetUtcNow() - age;
        foreach (var (digest, entry) in _contents)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (entry.WrittenAt <= before)
            {
                yield return digest;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> KeepAsync(ArtifactDigest digest, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (_contents.TryGetValue(digest, out var entry))
        {
            if (_contents.TryUpdate(digest, new Entry(entry.Bytes, _timeProvider.GetUtcNow()), entry))
            {
                return ValueTask.FromResult(true);
            }
        }

        return ValueTask.FromResult(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> CollectAsync(
        ArtifactDigest digest, TimeSpan age, IArtifactStore rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return _contents.TryGetValue(digest, out var entry) && entry.WrittenAt <= _timeProvider.GetUtcNow() - age
            && await rows.GetAsync(digest, cancellationToken).ConfigureAwait(false) is null
            && _contents.TryRemove(KeyValuePair.Create(digest, entry));
    }

    // Compared by reference: the same bytes that were written again are another entry.
    private sealed class Entry(byte[] bytes, DateTimeOffset writtenAt)
    {
        public byte[] Bytes { get; } = bytes;

        public DateTimeOffset WrittenAt { get; } = writtenAt;
    }
}
