using System.Security.Cryptography;
using System.Text;

namespace AgentOps.Rca.Incidents;

/// <summary>
/// A caller's key for one incident. The incident's id is made from the key, so the store's insert-if-absent settles repeats and races, and no
/// table of keys is needed.
/// </summary>
internal static class IdempotencyKey
{
    private const int MaxLength = 255;

    /// <summary>What is said of a key that cannot be one.</summary>
    public static readonly string Rule = $"It must be one text of 1 to {MaxLength} printable ASCII characters.";

    /// <summary>Whether a text can be a key.</summary>
    public static bool IsValid(string key) => key.Length is > 0 and <= MaxLength && key.All(static c => c is >= ' ' and <= '~');

    /// <summary>The id that a key stands for: a version 8 UUID (RFC 9562) made from the key's SHA-256.</summary>
    public static Guid IdOf(string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes("agentops-rca idempotency-key\n" + key), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
