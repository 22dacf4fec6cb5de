using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Storage.InMemory;

/// <summary>Rows of artifacts in memory: for unit tests, demonstrations and short-lived tools. Nothing survives the process.</summary>
public sealed class InMemoryArtifactStore : IArtifactStore, IArtifactArrivals
{
    private readonly ConcurrentDictionary<ArtifactDigest, Artifact> _artifacts = new();
    private readonly List<ArtifactDigest> _arrivals = [];

    /// <inheritdoc/>
    public ValueTask<WriteOutcome> AddAsync(Artifact artifact, CancellationToken cancellationToken = default)
    {
        RecordRules.Require(artifact);
        cancellationToken.ThrowIfCancellationRequested();
        if (_artifacts.TryAdd(artifact.Digest, artifact))
        {
            lock (_arrivals)
            {
                _arrivals.Add(artifact.Digest);
            }

            return ValueTask.FromResult(WriteOutcome.Added);
        }

        return ValueTask.FromResult(_artifacts[artifact.Digest].Length == artifact.Length ? WriteOutcome.Duplicate : WriteOutcome.Conflict);
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

    ValueTask<long?> IArtifactArrivals.ShowSinceAsync(long? since, Action<ArtifactDigest> show, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_arrivals)
        {
            for (var i = (int)(since ?? _arrivals.Count); i < _arrivals.Count; i++)
            {
                show(_arrivals[i]);
            }

            return ValueTask.FromResult<long?>(_arrivals.Count);
        }
    }

    ValueTask IArtifactArrivals.ShowPresentAsync(IReadOnlyCollection<ArtifactDigest> wanted, Action<ArtifactDigest> show, CancellationToken cancellationToken)
    {
        foreach (var digest in wanted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_artifacts.ContainsKey(digest))
            {
                show(digest);
            }
        }

        return ValueTask.CompletedTask;
    }
}
