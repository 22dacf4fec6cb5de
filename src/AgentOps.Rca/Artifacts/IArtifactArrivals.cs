namespace AgentOps.Rca.Artifacts;

/// <summary>
/// A store of artifacts that knows which came since one looked last, so that whoever waits for a million of them need not look for each again.
/// </summary>
internal interface IArtifactArrivals
{
    /// <summary>Shows the artifacts that came since a mark; some that were there before may be among them.</summary>
    /// <param name="since">The mark; null shows none, and only gives one.</param>
    /// <param name="show">Given the digest of each.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>
    /// The mark of now: whatever is not found when one looks after this call comes after it. Null, and nothing is shown, when the store cannot tell here.
    /// </returns>
    ValueTask<long?> ShowSinceAsync(long? since, Action<ArtifactDigest> show, CancellationToken cancellationToken = default);

    /// <summary>Shows which of these artifacts are there, by the way that takes least; others may be among them.</summary>
    /// <param name="wanted">Any number of digests, in their order, each once; what was shown may be taken out while they are gone through.</param>
    /// <param name="show">Given the digest of each.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    ValueTask ShowPresentAsync(IReadOnlyCollection<ArtifactDigest> wanted, Action<ArtifactDigest> show, CancellationToken cancellationToken = default);
}
