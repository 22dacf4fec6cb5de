using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Testing;

/// <summary>The stores of one test. A backend overrides the ones it has.</summary>
public abstract class StoreSet : IAsyncDisposable
{
    /// <summary>The store of incidents.</summary>
    public virtual IIncidentStore Incidents => throw new NotSupportedException("This backend keeps no incidents.");

    /// <summary>The store of spans.</summary>
    public virtual ISpanStore Spans => throw new NotSupportedException("This backend keeps no spans.");

    /// <summary>The store of artifact rows.</summary>
    public virtual IArtifactStore Artifacts => throw new NotSupportedException("This backend keeps no rows of artifacts.");

    /// <summary>The store of artifact bytes.</summary>
    public virtual IArtifactContentStore Contents => throw new NotSupportedException("This backend keeps no bytes of artifacts.");

    /// <summary>Closes the stores and opens the same data anew, as a restarted host would.</summary>
    public virtual ValueTask ReopenAsync() => throw new NotSupportedException("This backend keeps nothing.");

    /// <summary>Changes the stored bytes of an artifact behind the store's back.</summary>
    /// <param name="digest">An artifact whose content is stored.</param>
    public virtual ValueTask CorruptAsync(ArtifactDigest digest) => throw new NotSupportedException("This backend cannot be corrupted.");

    /// <summary>Makes stored content look as if it had been written this long ago.</summary>
    /// <param name="digest">An artifact whose content is stored; null for all.</param>
    /// <param name="age">The age.</param>
    public virtual ValueTask AgeAsync(ArtifactDigest? digest, TimeSpan age) => throw new NotSupportedException("This backend keeps no ages.");

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
