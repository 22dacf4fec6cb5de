using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace AgentOps.Rca.Artifacts;

/// <summary>
/// The value of a Repr-Digest field (RFC 9530): a dictionary of structured fields (RFC 9651) such as
/// <c>sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:</c>. Only <c>sha-256</c> is used; other algorithms are ignored, as the RFC asks.
/// </summary>
internal static class ReprDigest
{
    /// <summary>The name of the field.</summary>
    public const string FieldName = "Repr-Digest";

    private const string Sha256 = "sha-256";

    /// <summary>Writes the field's value for a digest.</summary>
    /// <param name="digest">The digest of the representation.</param>
    public static string Format(ArtifactDigest digest) => $"{Sha256}=:{Convert.ToBase64String(digest.ToArray())}:";

    /// <summary>Reads the field's value.</summary>
    /// <param name="value">The value; several field lines are joined by commas first.</param>
    /// <param name="digest">The SHA-256 in it, or null when it names only other algorithms.</param>
    /// <param name="problem">What is wrong and where, as a sentence for the person who sent it, or null.</param>
    /// <returns>Whether the value is well formed.</returns>
    public static bool TryParse(string value, out ArtifactDigest? digest, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(value);
        digest = null;
        var reader = new StructuredDictionaryReader(value);
        while (reader.ReadMember(out var algorithm, out var bytes))
        {
            if (algorithm is Sha256)
            {
                if (bytes.Length != SHA256.HashSizeInBytes)
                {
                    digest = null;
                    problem = $"{FieldName}: {Sha256} must hold {SHA256.HashSizeInBytes} bytes, not {bytes.Length}.";
                    return false;
                }

                // Of members with the same key the last one counts.
                digest = new ArtifactDigest(bytes);
            }
        }

        problem = reader.Problem is { } reason ? $"{FieldName}: {reason}" : null;
        if (problem is not null)
        {
            digest = null;
        }

        return problem is null;
    }
}
