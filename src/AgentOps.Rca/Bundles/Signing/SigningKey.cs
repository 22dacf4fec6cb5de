using System.Security.Cryptography;

namespace AgentOps.Rca.Bundles.Signing;

/// <summary>A private key that bundles are signed with: ECDSA on P-256. Safe for concurrent use.</summary>
public sealed class SigningKey : IDisposable
{
    private readonly ECDsa _key;
    private readonly Lock _lock = new();

    private SigningKey(ECDsa key)
    {
        _key = key;
        Public = new VerificationKey(ECDsa.Create(key.ExportParameters(includePrivateParameters: false)));
    }

    /// <summary>The public half.</summary>
    public VerificationKey Public { get; }

    /// <summary>Makes a new key.</summary>
    public static SigningKey Generate() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

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
                return new SigningKey(key);
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
    public string ExportPem() => $"{_key.ExportPkcs8PrivateKeyPem()}\n";

    /// <summary>Frees the key.</summary>
    public void Dispose()
    {
        _key.Dispose();
        Public.Dispose();
    }

    internal byte[] Sign(ReadOnlySpan<byte> hash)
    {
        lock (_lock)
        {
            return EcdsaSignature.Sign(_key, hash);
        }
    }
}
