namespace AgentOps.Rca.Bundles;

/// <summary>Loads verified bundles into the stores.</summary>
public interface IBundleImporter
{
    /// <summary>Imports a bundle, in constant memory.</summary>
    /// <param name="bundle">The bundle, read from its current position to its end; not disposed.</param>
    /// <param name="cancellationToken">Cancels the work; importing again goes on from where it was.</param>
    ValueTask<BundleImportOutcome> ImportAsync(Stream bundle, CancellationToken cancellationToken = default);
}
