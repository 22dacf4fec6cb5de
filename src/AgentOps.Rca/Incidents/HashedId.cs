using System.Security.Cryptography;
using System.Text;

namespace AgentOps.Rca.Incidents;

/// <summary>Ids that follow from what they stand for, so that who says it again means the same.</summary>
internal static class HashedId
{
    /// <summary>A version 8 UUID (RFC 9562: made by a rule of one's own) of a text's SHA-256.</summary>
    public static Guid Of(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
