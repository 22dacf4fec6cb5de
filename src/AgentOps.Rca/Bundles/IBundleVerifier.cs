namespace AgentOps.Rca.Bundles;

/// <summary>Verifies bundles.</summary>
public interface IBundleVerifier
{
    /// <summary>
    /// Verifies a bundle. One whose signer is not trusted is checked for its bytes and its signature only, so that strangers set no engine to work.
    /// A stream that cannot seek is kept in a temporary file as far as it is a bundle.
    /// </summary>
    /// <param name="bundle">The bundle, read from its current position to its end; not disposed.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    ValueTask<BundleVerificationOutcome> VerifyAsync(Stream bundle, CancellationToken cancellationToken = default);

    /// <summary>Verifies a bundle with every check, whoever has signed it. A verifier that knows no difference does the same as ever.</summary>
    /// <param name="bundle">The bundle, read from its current position to its end; not disposed.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    ValueTask<BundleVerificationOutcome> VerifyWhollyAsync(Stream bundle, CancellationToken cancellationToken = default) => VerifyAsync(bundle, cancellationToken);
}
