namespace AgentOps.Rca.Bundles.Signing;

/// <summary>Keys to verify with, and none to sign with: for programs that only check bundles.</summary>
/// <param name="keys">The keys; they stay the caller's to dispose.</param>
internal sealed class TrustedKeys(IReadOnlyCollection<VerificationKey> keys) : ISigningKeyProvider
{
    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Always: there is no key to sign with.</exception>
    public ValueTask<SigningKey> GetSigningKeyAsync(CancellationToken cancellationToken = default) =>
        throw new InvalidOperationException("This program has no key to sign with.");

    /// <inheritdoc/>
    public ValueTask<IReadOnlyCollection<VerificationKey>> GetTrustedKeysAsync(CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(keys);

    /// <summary>Reads the public keys in a text, one after the other.</summary>
    /// <param name="pem">PEM text.</param>
    /// <exception cref="FormatException">There is none, or one of them is no key on P-256.</exception>
    public static IReadOnlyList<VerificationKey> ReadAll(string pem)
    {
        ArgumentNullException.ThrowIfNull(pem);
        List<VerificationKey> keys = [];
        var rest = pem.AsSpan();
        while (System.Security.Cryptography.PemEncoding.TryFind(rest, out var fields))
        {
            keys.Add(VerificationKey.TryParse(rest[fields.Location].ToString())
                ?? throw new FormatException($"Key {keys.Count + 1} is no public key (PUBLIC KEY) on the curve P-256."));
            rest = rest[fields.Location.End..];
        }

        return keys.Count > 0 ? keys : throw new FormatException("There is no public key in it.");
    }
}
