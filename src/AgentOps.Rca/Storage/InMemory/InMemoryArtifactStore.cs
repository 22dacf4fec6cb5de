using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Storage.InMemory;

/// <summary>Rows of artifacts in memory: for unit tests, demonstrations and short-lived tools. Nothing survives the process.</summary>
public sealed class InMemoryArtifactStore : IArtifactStore
{
    private readonly ConcurrentDictionary<ArtifactDigest, Artifact> _artifacts = new();

    /// <inheritdoc/>
    public ValueTask<WriteOutcome> AddAsync(Artifact artifact, CancellationToken cancellationToken = default)
    {
        RecordRules.Require(artifact);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(
            _artifacts.TryAdd(artifact.Digest, artifact) ? WriteOutcome.Added
            : _artifacts[artifact.Digest].Length == artifact.Length ? WriteOutcome.Duplicate : WriteOutcome.Conflict);
    }

    /// <inheritdoc/>
    public ValueTask SetUnmaskedAsync(ArtifactDigest digest, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (_artifacts.TryGetValue(digest, out var stored) && !_artifacts.TryUpdate(digest, stored with { PiiMasked = false }, stored))
        {
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<Artifact?> GetAsync(ArtifactDigest digest, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_artifacts.GetValueOrDefault(digest));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Artifact> FindAsync(
        IReadOnlyCollection<ArtifactDigest> digests, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(digests);
        cancellationToken.ThrowIfCancellationRequested();
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (var digest in digests.Distinct())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_artifacts.TryGetValue(digest, out var artifact))
            {
                yield return artifact;
            }
        }
    }
}
