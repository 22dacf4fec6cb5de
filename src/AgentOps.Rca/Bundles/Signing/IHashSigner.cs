namespace AgentOps.Rca.Bundles.Signing;

/// <summary>
/// Signs with a private key on P-256 that may never leave the place where it is kept: a key management service, a hardware module, another process.
/// <see cref="SigningKey.Of"/> makes a signing key of it. Safe for concurrent use.
/// </summary>
public interface IHashSigner
{
    /// <summary>Signs a hash by ECDSA.</summary>
    /// <param name="hash">A SHA-256, 32 bytes; it is signed as it is and not hashed again.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The signature, in DER or as r and s of 32 bytes each, as key management services give it; s may be in either half.</returns>
    ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken);
}
