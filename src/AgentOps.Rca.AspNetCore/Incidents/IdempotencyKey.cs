using System.Security.Cryptography;
using System.Text;
using AgentOps.Rca.AspNetCore.Problems;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.AspNetCore.Incidents;

/// <summary>
/// The Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header). The incident's id is made from the key, so the store's
/// insert-if-absent settles repeats and races, and no table of keys is needed.
/// </summary>
internal static class IdempotencyKey
{
    public const string HeaderName = "Idempotency-Key";

    private const int MaxLength = 255;

    /// <summary>The id that the key stands for, or null without a key.</summary>
    public static Guid? ReadId(HttpRequest request, out ApiProblem? problem)
    {
        problem = null;
        var values = request.Headers[HeaderName];
        if (values.Count == 0)
        {
            return null;
        }

        // The draft writes it as a quoted string; many clients send it bare.
        var key = values.ToString().Trim();
        key = key.Length >= 2 && key[0] == '"' && key[^1] == '"' ? key[1..^1] : key;
        if (values.Count == 1 && key.Length is > 0 and <= MaxLength && key.All(c => c is >= ' ' and <= '~'))
        {
            return IdOf(key);
        }

        problem = ApiProblem.At(ProblemKind.InvalidParameter, HeaderName, $"It must be one text of 1 to {MaxLength} printable ASCII characters.");
        return null;
    }

    /// <summary>A version 8 UUID (RFC 9562) made from the key's SHA-256.</summary>
    private static Guid IdOf(string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes("agentops-rca idempotency-key\n" + key), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
