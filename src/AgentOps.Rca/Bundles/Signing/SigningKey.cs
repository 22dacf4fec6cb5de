using System.Security.Cryptography;

namespace AgentOps.Rca.Bundles.Signing;

/// <summary>A private key that bundles are signed with: ECDSA on P-256. Safe for concurrent use.</summary>
public sealed class SigningKey : IDisposable
{
    private readonly IHashSigner _signer;

    private SigningKey(VerificationKey @public, IHashSigner signer)
    {
        Public = @public;
        _signer = signer;
    }

    /// <summary>The public half.</summary>
    public VerificationKey Public { get; }

    /// <summary>Makes a new key.</summary>
    public static SigningKey Generate() => Keep(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>A key whose private half stays where it is kept, such as a key management service.</summary>
    /// <param name="publicKey">The public half; the signing key disposes it.</param>
    /// <param name="signer">Signs with the private half. It stays the caller's to dispose.</param>
    public static SigningKey Of(VerificationKey publicKey, IHashSigner signer)
    {
        ArgumentNullException.ThrowIfNull(publicKey);
        ArgumentNullException.ThrowIfNull(signer);
        return new SigningKey(publicKey, signer);
    }

    /// <summary>Reads a private key.</summary>
    /// <param name="pem">PEM text: PKCS #8 (<c>PRIVATE KEY</c>) or SEC 1 (<c>EC PRIVATE KEY</c>), not encrypted.</param>
    /// <exception cref="FormatException">The text is no private key on P-256. The message does not hold the text.</exception>
    public static SigningKey Parse(string pem)
    {
        ArgumentNullException.ThrowIfNull(pem);
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            if (VerificationKey.IsP256(key) && key.ExportParameters(includePrivateParameters: true).D is not null)
            {
                return Keep(key);
            }
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException or PlatformNotSupportedException)
        {
            // The reason may hold parts of the text, which is a secret.
        }

        key.Dispose();
        throw new FormatException("The signing key is no PEM text of a private key on the curve P-256.");
    }

    /// <summary>The key as PEM (PKCS #8): a secret.</summary>
    /// <exception cref="InvalidOperationException">The private half is kept elsewhere.</exception>
    public string ExportPem() =>
        _signer is PemSigner signer ? signer.ExportPem() : throw new InvalidOperationException("The private half of the key is kept elsewhere.");

    /// <summary>Frees the key.</summary>
    public void Dispose()
    {
        (_signer as PemSigner)?.Dispose();
        Public.Dispose();
    }

    /// <summary>Signs a hash; the signature is in the one form that is accepted, and is the key's.</summary>
    /// <exception cref="StoreUnavailableException">Where the private half is kept does not answer, or with no signature of this key.</exception>
    internal async ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        byte[]? answer;
        try
        {
            answer = await _signer.SignAsync(hash, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not StoreUnavailableException && !cancellationToken.IsCancellationRequested)
        {
            throw new StoreUnavailableException("What signs bundles does not answer at the moment.", failure);
        }

        // A bundle with a signature that nobody can verify is worse than none; a key that was changed where it is kept looks like that.
        return EcdsaSignature.FormsOf(answer ?? []).FirstOrDefault(form => Public.Verify(hash.Span, form))
            ?? throw new StoreUnavailableException($"What signs bundles answered with something else than a signature of the key {Public.KeyId}.");
    }

    private static SigningKey Keep(ECDsa key) =>
        new(new VerificationKey(ECDsa.Create(key.ExportParameters(includePrivateParameters: false))), new PemSigner(key));
}
