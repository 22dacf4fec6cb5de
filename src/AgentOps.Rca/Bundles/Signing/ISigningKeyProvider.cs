namespace AgentOps.Rca.Bundles.Signing;

/// <summary>Where the keys of bundles come from. Register one of your own for keys in a vault, or in a key management service
/// that signs without giving its key away (<see cref="IHashSigner"/>).</summary>
public interface ISigningKeyProvider
{
    /// <summary>The key that new bundles are signed with.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    ValueTask<SigningKey> GetSigningKeyAsync(CancellationToken cancellationToken = default);

    /// <summary>The keys whose signature counts: the one that signs now, those that signed before, and those of partners.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    ValueTask<IReadOnlyCollection<VerificationKey>> GetTrustedKeysAsync(CancellationToken cancellationToken = default);
}
