using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Storage.Contents;

/// <summary>
/// The table <c>artifact_contents</c>: the chunks of contents, each content under an id of its own. Every call may be repeated.
/// </summary>
internal interface IContentChunks
{
    /// <summary>Stores a chunk unless it is there. With a digest it is the only chunk, and published at once unless the digest is taken.</summary>
    ValueTask AddAsync(ContentChunk chunk, CancellationToken cancellationToken);

    /// <summary>
    /// Stores contents that are one chunk each, and publishes each unless its digest is taken. It is left to the database to see which of them
    /// are there, whoever wrote them.
    /// </summary>
    /// <param name="chunks">The chunks, each digest once, in the order of the digests.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The digests whose content is there, intact, and young or with a row. The others are to be stored one by one.</returns>
    ValueTask<IReadOnlyCollection<ArtifactDigest>> AddManyAsync(IReadOnlyList<ContentChunk> chunks, CancellationToken cancellationToken);

    /// <summary>Gives the content its digest unless the digest is taken; from then on it can be found.</summary>
    ValueTask PublishAsync(Guid contentId, StoredContent content, CancellationToken cancellationToken);

    /// <summary>Takes the digest away from one content; from then on it cannot be found.</summary>
    ValueTask WithdrawAsync(Guid contentId, CancellationToken cancellationToken);

    /// <summary>The published content with this digest, or null.</summary>
    ValueTask<PublishedContent?> FindAsync(ArtifactDigest digest, CancellationToken cancellationToken);

    /// <summary>Reads one chunk into <paramref name="into"/>, as much of it as there is room for.</summary>
    /// <returns>How many bytes the chunk has, or null when there is no such chunk.</returns>
    ValueTask<int?> ReadAsync(Guid contentId, int chunk, Memory<byte> into, CancellationToken cancellationToken);

    /// <summary>Removes every chunk of a content.</summary>
    ValueTask DeleteAsync(Guid contentId, CancellationToken cancellationToken);

    /// <summary>The ids of contents that were begun before this time and never published.</summary>
    ValueTask<IReadOnlyList<Guid>> FindUnfinishedAsync(DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>Up to 500 published contents that are at least this old by the database's clock, the oldest first.</summary>
    ValueTask<IReadOnlyList<OldContent>> ListOldAsync(TimeSpan age, OldContent after, CancellationToken cancellationToken);

    /// <summary>Whether content is there to stay for its row; without a row, it becomes young again.</summary>
    ValueTask<bool> KeepAsync(ArtifactDigest digest, CancellationToken cancellationToken);

    /// <summary>Whether all of these contents have a row and are there to stay for it; false when that is not known.</summary>
    ValueTask<bool> KeepManyAsync(IReadOnlyCollection<ArtifactDigest> digests, CancellationToken cancellationToken);

    /// <summary>Deletes content that is this old and has no row in <c>artifacts</c>.</summary>
    ValueTask<bool> CollectAsync(ArtifactDigest digest, TimeSpan age, CancellationToken cancellationToken);
}

/// <summary>A chunk to store.</summary>
/// <param name="ContentId">Which content it is part of.</param>
/// <param name="Index">Its place in the content, from 0.</param>
/// <param name="Data">Its bytes.</param>
/// <param name="Whole">What the content is, when this chunk is all of it.</param>
internal readonly record struct ContentChunk(Guid ContentId, int Index, ReadOnlyMemory<byte> Data, StoredContent? Whole = null);

/// <summary>Content that can be found.</summary>
/// <param name="ContentId">The id of its chunks.</param>
/// <param name="Length">How many bytes it has.</param>
/// <param name="ChunkLength">How many bytes each chunk has, the last one aside.</param>
internal readonly record struct PublishedContent(Guid ContentId, long Length, int ChunkLength);
