using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Storage.Scoped;

/// <summary>The rows of artifacts of a store that lives in a scope.</summary>
internal sealed class ScopedArtifactStore(ScopedCalls<IArtifactStore> store) : IArtifactStore
{
    public ValueTask<WriteOutcome> AddAsync(Artifact artifact, CancellationToken cancellationToken = default) =>
        store.RunAsync(rows => rows.AddAsync(artifact, cancellationToken));

    public ValueTask<IReadOnlyList<WriteOutcome>> AddManyAsync(IReadOnlyList<Artifact> artifacts, CancellationToken cancellationToken = default) =>
        store.RunAsync(rows => rows.AddManyAsync(artifacts, cancellationToken));

    public ValueTask SetUnmaskedAsync(ArtifactDigest digest, CancellationToken cancellationToken = default) =>
        store.RunAsync(rows => rows.SetUnmaskedAsync(digest, cancellationToken));

    public ValueTask<Artifact?> GetAsync(ArtifactDigest digest, CancellationToken cancellationToken = default) =>
        store.RunAsync(rows => rows.GetAsync(digest, cancellationToken));

    public IAsyncEnumerable<Artifact> FindAsync(IReadOnlyCollection<ArtifactDigest> digests, CancellationToken cancellationToken = default) =>
        store.ListAsync((rows, token) => rows.FindAsync(digests, token), cancellationToken);
}

/// <summary>The bytes of artifacts of a store that lives in a scope.</summary>
internal sealed class ScopedArtifactContentStore(ScopedCalls<IArtifactContentStore> store) : IArtifactContentStore
{
    public ValueTask<StoredContent> WriteAsync(Stream content, ArtifactDigest? expected, CancellationToken cancellationToken = default) =>
        store.RunAsync(contents => contents.WriteAsync(content, expected, cancellationToken));

    // What is written at the same time needs a scope each.
    public ValueTask<IReadOnlyList<StoredContent>> WriteManyAsync(IReadOnlyList<ReadOnlyMemory<byte>> contents, CancellationToken cancellationToken = default) =>
        ContentInMemory.WriteEachAsync(this, contents, cancellationToken);

    public async ValueTask<Stream?> OpenAsync(ArtifactDigest digest, CancellationToken cancellationToken = default) =>
        await store.OpenAsync(contents => contents.OpenAsync(digest, cancellationToken)).ConfigureAwait(false);
}
