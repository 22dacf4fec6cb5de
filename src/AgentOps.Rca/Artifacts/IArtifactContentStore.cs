namespace AgentOps.Rca.Artifacts;

/// <summary>
/// Where the bytes of artifacts are kept, by digest. Use <see cref="ArtifactVault"/> to read and write artifacts: it keeps the order
/// (content first, then the row) and verifies every read. Implementations are safe for concurrent use.
/// </summary>
public interface IArtifactContentStore
{
    /// <summary>
    /// Streams content in, hashing it as it arrives, in constant memory. When the call returns, the bytes are durable under their
    /// digest; when it throws, nothing is visible under any digest (should only making the name durable fail, the whole and verified
    /// content may stay: taking it back could take it from another caller). Content that is there already is verified, and replaced
    /// when it no longer matches its digest.
    /// </summary>
    /// <param name="content">The bytes, read to the end; not seekable, not disposed.</param>
    /// <param name="expected">The digest that the bytes must have, or null; checked before anything becomes visible.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>The digest and the length of what was read.</returns>
    /// <exception cref="ArtifactDigestMismatchException">The bytes do not have the expected digest; nothing is stored.</exception>
    ValueTask<StoredContent> WriteAsync(Stream content, ArtifactDigest? expected = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Stores many contents that are in memory, each as <see cref="WriteAsync"/> does: when the call returns, all of them are durable. When it
    /// throws, some may be there and others not; writing all of them again is safe. By default they are written one by one, a few at the same
    /// time; a store that can makes many of them durable at once.
    /// </summary>
    /// <param name="contents">The contents, of which some may be equal. Nobody changes them until the call returns.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>The digest and the length of each, in their order.</returns>
    ValueTask<IReadOnlyList<StoredContent>> WriteManyAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> contents, CancellationToken cancellationToken = default) =>
        ContentInMemory.WriteEachAsync(this, contents, cancellationToken);

    /// <summary>Opens the bytes as they lie there, unverified, or null when there are none.</summary>
    /// <param name="digest">The artifact's digest.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A seekable stream of the whole content, which the caller disposes.</returns>
    ValueTask<Stream?> OpenAsync(ArtifactDigest digest, CancellationToken cancellationToken = default);
}

/// <summary>What <see cref="IArtifactContentStore.WriteAsync"/> stored.</summary>
/// <param name="Digest">The SHA-256 of the bytes.</param>
/// <param name="Length">How many bytes there were.</param>
public readonly record struct StoredContent(ArtifactDigest Digest, long Length);
