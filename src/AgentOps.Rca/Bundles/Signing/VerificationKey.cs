using System.Security.Cryptography;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Bundles.Signing;

/// <summary>A public key that bundles are verified with: ECDSA on P-256.</summary>
public sealed class VerificationKey : IDisposable
{
    private const string P256 = "1.2.840.10045.3.1.7";

    private readonly ECDsa _key;

    internal VerificationKey(ECDsa key)
    {
        _key = key;
        var spki = key.ExportSubjectPublicKeyInfo();
        KeyId = ArtifactDigest.Of(spki).ToString();
        Pem = $"{PemEncoding.WriteString("PUBLIC KEY", spki)}\n";
    }

    /// <summary>The key's id: the SHA-256 of its SubjectPublicKeyInfo, 64 lowercase hexadecimal digits.</summary>
    public string KeyId { get; }

    /// <summary>The key as PEM (<c>PUBLIC KEY</c>), with a line's end.</summary>
    public string Pem { get; }

    /// <summary>Reads a public key.</summary>
    /// <param name="pem">PEM text of a SubjectPublicKeyInfo.</param>
    /// <returns>The key, or null when the text is none on P-256.</returns>
    public static VerificationKey? TryParse(string pem)
    {
        ArgumentNullException.ThrowIfNull(pem);
        if (!PemEncoding.TryFind(pem, out var fields) || pem[fields.Label] is not "PUBLIC KEY")
        {
            return null;
        }

        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            if (IsP256(key))
            {
                return new VerificationKey(key);
            }
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException or PlatformNotSupportedException)
        {
            // What is no key is told by null.
        }

        key.Dispose();
        return null;
    }

    /// <summary>Frees the key.</summary>
    public void Dispose() => _key.Dispose();

    // A curve that is given by its parameters has no name, whichever curve it is.
    internal static bool IsP256(ECDsa key) =>
        key.ExportParameters(includePrivateParameters: false).Curve is { IsNamed: true, Oid.Value: P256 };

    internal bool Verify(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature) => EcdsaSignature.Verify(_key, hash, signature);
}
