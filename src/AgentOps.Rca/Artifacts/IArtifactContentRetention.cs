namespace AgentOps.Rca.Artifacts;

/// <summary>
/// What a store of bytes can do besides <see cref="IArtifactContentStore"/>: delete content that no row points to. Such content is left
/// when a host dies between the content, which is written first, and its row.
/// </summary>
/// <remarks>
/// A writer and a collection may meet at any point, so both keep an order. Who writes a row calls <see cref="KeepAsync"/> after it, and
/// reports failure when the content is gone. <see cref="CollectAsync"/> looks for the row when no later <see cref="KeepAsync"/> can still
/// find the content. Hence either the row is seen and the content stays, or the writer learns that it does not.
/// </remarks>
public interface IArtifactContentRetention
{
    /// <summary>
    /// Lists content that was written, or found again by a writer, at least this long ago. Puts back first what a collection that was
    /// interrupted has taken away.
    /// </summary>
    /// <param name="age">The age; zero lists all.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    IAsyncEnumerable<ArtifactDigest> ListOldAsync(TimeSpan age, CancellationToken cancellationToken = default);

    /// <summary>Says whether content is there to stay for its row, which is written already; content without a row becomes young again.</summary>
    /// <param name="digest">The artifact's digest.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    ValueTask<bool> KeepAsync(ArtifactDigest digest, CancellationToken cancellationToken = default);

    /// <summary>Says whether all of these contents are there to stay, each as <see cref="KeepAsync"/> does. By default one by one.</summary>
    /// <param name="digests">The artifacts' digests.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>False when one of them is gone, or maybe gone; <see cref="KeepAsync"/> tells which.</returns>
    async ValueTask<bool> KeepManyAsync(IReadOnlyCollection<ArtifactDigest> digests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(digests);
        foreach (var digest in digests)
        {
            if (!await KeepAsync(digest, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Deletes content that no row points to, unless it is younger than this.</summary>
    /// <param name="digest">The artifact's digest.</param>
    /// <param name="age">The age, as in <see cref="ListOldAsync"/>.</param>
    /// <param name="rows">The rows that may point to it.</param>
    /// <param name="cancellationToken">Cancels the call; what it has begun is settled by the next listing.</param>
    /// <returns>Whether it was deleted.</returns>
    ValueTask<bool> CollectAsync(ArtifactDigest digest, TimeSpan age, IArtifactStore rows, CancellationToken cancellationToken = default);
}
