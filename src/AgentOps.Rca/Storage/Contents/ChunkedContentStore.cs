using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Storage.Contents;

/// <summary>
/// Content in a table of chunks. Each chunk is a write of its own, so that no connection is held while the caller's stream is slow;
/// the digest is written last, and until then nothing can be found.
/// </summary>
/// <param name="chunks">The table.</param>
/// <param name="rows">The rows of artifacts in the same database, the only ones that content can be collected by.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class ChunkedContentStore(IContentChunks chunks, IArtifactStore rows, TimeProvider timeProvider)
    : IArtifactContentStore, IArtifactContentRetention
{
    /// <summary>How many bytes a chunk has; what is smaller is stored in one write.</summary>
    public const int ChunkLength = 1 << 20;

    // Most content is small, and many callers store at once: the room for a chunk is taken when there is one.
    private const int FirstLength = 1 << 16;

    /// <summary>How old an unfinished upload must be before it counts as left behind.</summary>
    public static readonly TimeSpan UploadLimit = TimeSpan.FromHours(24);

    private const int PublishAttempts = 5;

    // Servers of the Data API cut answers at 1,000 rows.
    private const int MostTogether = 1_000;
    private const int MostBytesTogether = 4 << 20;

    private static readonly TimeSpan CleanUpLimit = TimeSpan.FromSeconds(5);

    private readonly IArtifactStore _rows = rows;

    public async ValueTask<StoredContent> WriteAsync(
        Stream content, ArtifactDigest? expected = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        var contentId = Guid.CreateVersion7(timeProvider.GetUtcNow());
        var buffer = ArrayPool<byte>.Shared.Rent(FirstLength);
        var room = FirstLength;
        var started = false;
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var index = 0;
            var length = 0L;
            while (true)
            {
                var count = await content.ReadAtLeastAsync(buffer.AsMemory(0, room), room, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
                if (count == room && room < ChunkLength)
                {
                    buffer = Enlarge(buffer, count);
                    room = ChunkLength;
                    count += await content.ReadAtLeastAsync(
                        buffer.AsMemory(count, room - count), room - count, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
                }

                var chunk = buffer.AsMemory(0, count);
                hash.AppendData(chunk.Span);
                length += chunk.Length;
                var last = chunk.Length < ChunkLength;
                if (last && index == 0)
                {
                    var whole = Finish(hash, length, expected);
                    var only = new ContentChunk(contentId, 0, chunk, whole);
                    return await PublishAsync(contentId, whole, token => chunks.AddAsync(only, token), cancellationToken).ConfigureAwait(false);
                }

                if (chunk.Length > 0)
                {
                    started = true;
                    await chunks.AddAsync(new ContentChunk(contentId, index++, chunk), cancellationToken).ConfigureAwait(false);
                }

                if (last)
                {
                    var whole = Finish(hash, length, expected);
                    // From here on another writer may rely on this upload, so it is never taken back.
                    started = false;
                    return await PublishAsync(
                        contentId, whole, token => chunks.PublishAsync(contentId, whole, token), cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch when (started)
        {
            await TryDeleteAsync(contentId).ConfigureAwait(false);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public async ValueTask<IReadOnlyList<StoredContent>> WriteManyAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> contents, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(contents);
        cancellationToken.ThrowIfCancellationRequested();
        var stored = new StoredContent[contents.Count];
        SortedDictionary<ArtifactDigest, ReadOnlyMemory<byte>> distinct = [];
        for (var i = 0; i < stored.Length; i++)
        {
            stored[i] = new StoredContent(ArtifactDigest.Of(contents[i].Span), contents[i].Length);
            distinct.TryAdd(stored[i].Digest, contents[i]);
        }

        List<ContentChunk> batch = [];
        var length = 0;
        foreach (var (digest, bytes) in distinct.ToArray())
        {
            if (bytes.Length >= ChunkLength)
            {
                continue;
            }

            if (batch.Count == MostTogether || (batch.Count > 0 && length + bytes.Length > MostBytesTogether))
            {
                await AddManyAsync().ConfigureAwait(false);
            }

            var contentId = Guid.CreateVersion7(timeProvider.GetUtcNow());
            batch.Add(new ContentChunk(contentId, 0, bytes, new StoredContent(digest, bytes.Length)));
            length += bytes.Length;
        }

        await AddManyAsync().ConfigureAwait(false);
        // What is larger than a chunk, and what another content stands in the way of.
        await ContentInMemory.WriteEachAsync(this, [.. distinct.Values], cancellationToken).ConfigureAwait(false);
        return stored;

        async ValueTask AddManyAsync()
        {
            if (batch.Count > 0)
            {
                foreach (var digest in await chunks.AddManyAsync(batch, cancellationToken).ConfigureAwait(false))
                {
                    distinct.Remove(digest);
                }
            }

            batch.Clear();
            length = 0;
        }
    }

    public async ValueTask<Stream?> OpenAsync(ArtifactDigest digest, CancellationToken cancellationToken = default) =>
        await chunks.FindAsync(digest, cancellationToken).ConfigureAwait(false) is { } found ? new ChunkedContentStream(chunks, found) : null;

    /// <summary>Removes what uploads that never finished have left behind.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>How many uploads were removed.</returns>
    public async ValueTask<int> SweepAsync(CancellationToken cancellationToken)
    {
        var unfinished = await chunks.FindUnfinishedAsync(timeProvider.GetUtcNow() - UploadLimit, cancellationToken).ConfigureAwait(false);
        foreach (var contentId in unfinished)
        {
            await chunks.DeleteAsync(contentId, cancellationToken).ConfigureAwait(false);
        }

        return unfinished.Count;
    }

    public async IAsyncEnumerable<ArtifactDigest> ListOldAsync(
        TimeSpan age, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // The Data API may cut any answer, so only an empty one is the last.
        for (var page = await chunks.ListOldAsync(age, OldContent.First, cancellationToken).ConfigureAwait(false);
            page.Count > 0;
            page = await chunks.ListOldAsync(age, page[^1], cancellationToken).ConfigureAwait(false))
        {
            foreach (var content in page)
            {
                if (ArtifactDigest.TryParse(content.Digest, out var digest))
                {
                    yield return digest;
                }
            }
        }
    }

    public ValueTask<bool> KeepAsync(ArtifactDigest digest, CancellationToken cancellationToken = default) =>
        chunks.KeepAsync(digest, cancellationToken);

    public async ValueTask<bool> KeepManyAsync(IReadOnlyCollection<ArtifactDigest> digests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(digests);
        if (digests.Count == 0 || await chunks.KeepManyAsync(digests, cancellationToken).ConfigureAwait(false))
        {
            return true;
        }

        foreach (var digest in digests)
        {
            if (!await KeepAsync(digest, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }

    public ValueTask<bool> CollectAsync(
        ArtifactDigest digest, TimeSpan age, IArtifactStore rows, CancellationToken cancellationToken = default) =>
        ReferenceEquals(rows, _rows)
            ? chunks.CollectAsync(digest, age, cancellationToken)
            : throw new InvalidOperationException(
                "Content in the database is collected by the table artifacts beside it, but another store of rows is registered.");

    private static byte[] Enlarge(byte[] buffer, int count)
    {
        var larger = ArrayPool<byte>.Shared.Rent(ChunkLength);
        buffer.AsSpan(0, count).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private static StoredContent Finish(IncrementalHash hash, long length, ArtifactDigest? expected)
    {
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(bytes);
        var digest = new ArtifactDigest(bytes);
        return expected is { } wanted && wanted != digest
            ? throw new ArtifactDigestMismatchException(wanted, digest)
            : new StoredContent(digest, length);
    }

    // Either this upload gets the digest, or another one has it: then that one has to prove itself, or make way.
    private async ValueTask<StoredContent> PublishAsync(
        Guid contentId, StoredContent content, Func<CancellationToken, ValueTask> publish, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < PublishAttempts; attempt++)
        {
            await publish(cancellationToken).ConfigureAwait(false);
            var holder = await chunks.FindAsync(content.Digest, cancellationToken).ConfigureAwait(false);
            if (holder?.ContentId == contentId)
            {
                return content;
            }

            if (holder is { } other)
            {
                if (!await IsIntactAsync(other, content, cancellationToken).ConfigureAwait(false))
                {
                    await chunks.WithdrawAsync(other.ContentId, cancellationToken).ConfigureAwait(false);
                    await TryDeleteAsync(other.ContentId).ConfigureAwait(false);
                }
                else if (await chunks.KeepAsync(content.Digest, cancellationToken).ConfigureAwait(false))
                {
                    await TryDeleteAsync(contentId).ConfigureAwait(false);
                    return content;
                }
            }
        }

        throw new StoreUnavailableException(
            $"Content {content.Digest} was written to artifact_contents but is not there when read back. "
            + "Row level security may hide it; use the service_role key or the postgres user.");
    }

    private async ValueTask<bool> IsIntactAsync(PublishedContent stored, StoredContent content, CancellationToken cancellationToken)
    {
        if (stored.Length != content.Length)
        {
            return false;
        }

        var stream = new ChunkedContentStream(chunks, stored);
        await using var streamDisposal = stream.ConfigureAwait(false);
        return new ArtifactDigest(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false)) == content.Digest;
    }

    // What cannot be removed now is found by the sweep.
    private async ValueTask TryDeleteAsync(Guid contentId)
    {
        using var limit = new CancellationTokenSource(CleanUpLimit, timeProvider);
        try
        {
            await chunks.DeleteAsync(contentId, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or OperationCanceledException)
        {
        }
    }
}
