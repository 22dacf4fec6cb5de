namespace AgentOps.Rca.Artifacts;

/// <summary>The one way in which rows are added for content that was just written.</summary>
internal static class ArtifactRows
{
    /// <summary>Adds the row, and makes sure afterwards that its content was not collected in between.</summary>
    /// <exception cref="StoreUnavailableException">The content was collected; writing both again is safe and brings it back.</exception>
    public static async ValueTask<WriteOutcome> AddAsync(
        IArtifactStore rows, IArtifactContentStore contents, Artifact row, CancellationToken cancellationToken)
    {
        var outcome = await rows.AddAsync(row, cancellationToken).ConfigureAwait(false);
        // Who says that nothing is masked is believed: then it is masked wherever it is shown.
        if (outcome == WriteOutcome.Duplicate && !row.PiiMasked && await rows.GetAsync(row.Digest, cancellationToken).ConfigureAwait(false) is { PiiMasked: true })
        {
            await rows.SetUnmaskedAsync(row.Digest, cancellationToken).ConfigureAwait(false);
        }

        await KeepAsync(contents, row, cancellationToken).ConfigureAwait(false);
        return outcome;
    }

    /// <summary>Adds many rows, each digest once, as <see cref="AddAsync"/> adds one.</summary>
    /// <returns>What became of each: it was added, or it was there.</returns>
    /// <exception cref="InvalidDataException">One of the rows is there and says another length.</exception>
    /// <exception cref="StoreUnavailableException">A content was collected; writing all again is safe and brings it back.</exception>
    public static async ValueTask<IReadOnlyList<WriteOutcome>> AddManyAsync(
        IArtifactStore rows, IArtifactContentStore contents, IReadOnlyList<Artifact> added, CancellationToken cancellationToken)
    {
        var outcomes = await rows.AddManyAsync(added, cancellationToken).ConfigureAwait(false);
        if (outcomes?.Count != added.Count)
        {
            // A stand-in of a test library implements the default too, and answers nothing.
            outcomes = await AddEachAsync(rows, added, cancellationToken).ConfigureAwait(false);
        }

        HashSet<ArtifactDigest> unmasked = [];
        for (var i = 0; i < outcomes.Count; i++)
        {
            if (outcomes[i] == WriteOutcome.Conflict)
            {
                throw OtherLength(added[i]);
            }

            if (outcomes[i] == WriteOutcome.Duplicate && !added[i].PiiMasked)
            {
                unmasked.Add(added[i].Digest);
            }
        }

        await UnmaskAsync(rows, unmasked, cancellationToken).ConfigureAwait(false);
        if (contents is IArtifactContentRetention retention
            && !await retention.KeepManyAsync([.. added.Select(static row => row.Digest)], cancellationToken).ConfigureAwait(false))
        {
            foreach (var row in added)
            {
                await KeepAsync(contents, row, cancellationToken).ConfigureAwait(false);
            }
        }

        return outcomes;
    }

    /// <summary>Adds rows one by one.</summary>
    public static async ValueTask<IReadOnlyList<WriteOutcome>> AddEachAsync(
        IArtifactStore rows, IReadOnlyList<Artifact> added, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(added);
        var outcomes = new WriteOutcome[added.Count];
        for (var i = 0; i < outcomes.Length; i++)
        {
            outcomes[i] = await rows.AddAsync(added[i], cancellationToken).ConfigureAwait(false);
        }

        return outcomes;
    }

    /// <summary>What is thrown when a row does not fit its content.</summary>
    public static InvalidDataException OtherLength(Artifact row) =>
        new($"The row of the artifact {row.Digest} does not say {row.Length} bytes, which its content has.");

    private static async ValueTask UnmaskAsync(IArtifactStore rows, HashSet<ArtifactDigest> unmasked, CancellationToken cancellationToken)
    {
        if (unmasked.Count == 0)
        {
            return;
        }

        List<ArtifactDigest> masked = [];
        await foreach (var row in rows.FindAsync(unmasked, cancellationToken).ConfigureAwait(false))
        {
            if (row.PiiMasked)
            {
                masked.Add(row.Digest);
            }
        }

        foreach (var digest in masked)
        {
            await rows.SetUnmaskedAsync(digest, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async ValueTask KeepAsync(IArtifactContentStore contents, Artifact row, CancellationToken cancellationToken)
    {
        if (contents is IArtifactContentRetention retention && !await retention.KeepAsync(row.Digest, cancellationToken).ConfigureAwait(false))
        {
            throw new StoreUnavailableException(
                $"The content of the artifact {row.Digest} was collected while its row was written. Write it again.");
        }
    }
}
