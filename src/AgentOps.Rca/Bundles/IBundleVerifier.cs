namespace AgentOps.Rca.Bundles;

/// <summary>Verifies bundles.</summary>
public interface IBundleVerifier
{
    /// <summary>Verifies a bundle. A stream that cannot seek is kept in a temporary file as far as it is a bundle.</summary>
    /// <param name="bundle">The bundle, read from its current position to its end; not disposed.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    ValueTask<BundleVerificationOutcome> VerifyAsync(Stream bundle, CancellationToken cancellationToken = default);
}
