using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Testing;

/// <summary>Rows of artifacts with places where a test lets others go first.</summary>
/// <param name="inner">The rows.</param>
public sealed class HookedArtifactStore(IArtifactStore inner) : IArtifactStore
{
    /// <summary>Runs before a row is added.</summary>
    public Func<Task>? BeforeAdd { get; set; }

    /// <summary>Runs when a row was looked for, before the caller learns what was found.</summary>
    public Func<Task>? AfterGet { get; set; }

    /// <summary>Runs before a row is looked for.</summary>
    public Func<Task>? BeforeGet { get; set; }

    /// <inheritdoc/>
    public async ValueTask<WriteOutcome> AddAsync(Artifact artifact, CancellationToken cancellationToken = default)
    {
        await (BeforeAdd?.Invoke() ?? Task.CompletedTask);
        return await inner.AddAsync(artifact, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<Artifact?> GetAsync(ArtifactDigest digest, CancellationToken cancellationToken = default)
    {
        await (BeforeGet?.Invoke() ?? Task.CompletedTask);
        var row = await inner.GetAsync(digest, cancellationToken);
        await (AfterGet?.Invoke() ?? Task.CompletedTask);
        return row;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<Artifact> FindAsync(IReadOnlyCollection<ArtifactDigest> digests, CancellationToken cancellationToken = default) =>
        inner.FindAsync(digests, cancellationToken);
}
