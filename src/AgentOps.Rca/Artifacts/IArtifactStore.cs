namespace AgentOps.Rca.Artifacts;

/// <summary>
/// Where the rows of artifacts are kept; their bytes are in an <see cref="IArtifactContentStore"/>. Implementations are safe for
/// concurrent use by many callers and many hosts. A store that cannot be reached throws <see cref="StoreUnavailableException"/>.
/// </summary>
public interface IArtifactStore
{
    /// <summary>
    /// Stores a row unless its digest is there. Its content must be durable already. The digest decides alone: a row with another
    /// media type, time or masking is a duplicate and the first row stays; only another <see cref="Artifact.Length"/> is a conflict.
    /// </summary>
    /// <param name="artifact">The row.</param>
    /// <param name="cancellationToken">Cancels the call; whether the write happened is then unknown, and repeating it is safe.</param>
    ValueTask<WriteOutcome> AddAsync(Artifact artifact, CancellationToken cancellationToken = default);

    /// <summary>
    /// Stores many rows, each as <see cref="AddAsync"/> does; when it throws, some may be stored. By default one by one; a store that can
    /// takes them together.
    /// </summary>
    /// <param name="artifacts">The rows, each digest once.</param>
    /// <param name="cancellationToken">Cancels the call; whether the writes happened is then unknown, and repeating them is safe.</param>
    /// <returns>What became of each, in their order.</returns>
    ValueTask<IReadOnlyList<WriteOutcome>> AddManyAsync(IReadOnlyList<Artifact> artifacts, CancellationToken cancellationToken = default) =>
        ArtifactRows.AddEachAsync(this, artifacts, cancellationToken);

    /// <summary>
    /// Says that personal data is not masked in an artifact after all: <see cref="Artifact.PiiMasked"/> becomes false, and never true again.
    /// A store that does not implement it keeps what was said first.
    /// </summary>
    /// <param name="digest">The artifact's digest.</param>
    /// <param name="cancellationToken">Cancels the call; repeating it is safe.</param>
    ValueTask SetUnmaskedAsync(ArtifactDigest digest, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    /// <summary>The row with this digest, or null.</summary>
    /// <param name="digest">The artifact's digest.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    ValueTask<Artifact?> GetAsync(ArtifactDigest digest, CancellationToken cancellationToken = default);

    /// <summary>The rows that exist among these digests, in any order, each once.</summary>
    /// <param name="digests">Any number of digests; the store splits them as its backend needs.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    IAsyncEnumerable<Artifact> FindAsync(IReadOnlyCollection<ArtifactDigest> digests, CancellationToken cancellationToken = default);
}
