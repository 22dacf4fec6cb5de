namespace AgentOps.Rca.Artifacts;

/// <summary>The one way in which a row is added for content that was just written.</summary>
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

        return contents is not IArtifactContentRetention retention || await retention.KeepAsync(row.Digest, cancellationToken).ConfigureAwait(false)
            ? outcome
            : throw new StoreUnavailableException(
                $"The content of the artifact {row.Digest} was collected while its row was written. Write it again.");
    }
}
