using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AgentOps.Rca.Detection;

/// <summary>
/// How a webhook proves where it comes from: the header <c>AgentOps-Signature: t=&lt;seconds since 1970&gt;,v1=&lt;hex&gt;</c>, in which
/// <c>v1</c> is the HMAC-SHA-256 of <c>&lt;t&gt;.&lt;body&gt;</c> under the shared secret.
/// </summary>
public static class WebhookSignature
{
    /// <summary>The header's name.</summary>
    public const string HeaderName = "AgentOps-Signature";

    /// <summary>Signs a body.</summary>
    /// <param name="secret">The shared secret.</param>
    /// <param name="body">The bytes as they are sent.</param>
    /// <param name="time">Now.</param>
    /// <returns>The header's value.</returns>
    public static string Sign(string secret, ReadOnlySpan<byte> body, DateTimeOffset time)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(secret);
        var seconds = time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"t={seconds},v1={Convert.ToHexStringLower(Compute(secret, seconds, body))}";
    }

    /// <summary>Checks a signature, in constant time.</summary>
    /// <param name="secret">The shared secret.</param>
    /// <param name="body">The bytes as they came.</param>
    /// <param name="header">The header's value.</param>
    /// <param name="now">Now.</param>
    /// <param name="tolerance">How old, or how far ahead, the time in it may be; five minutes keep old deliveries from being replayed.</param>
    public static bool Verify(string secret, ReadOnlySpan<byte> body, string? header, DateTimeOffset now, TimeSpan tolerance)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(secret);
        string? seconds = null;
        string? signature = null;
        foreach (var part in (header ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            seconds = part.StartsWith("t=", StringComparison.Ordinal) ? part[2..] : seconds;
            signature = part.StartsWith("v1=", StringComparison.Ordinal) ? part[3..] : signature;
        }

        return long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var sent)
            && Math.Abs((now.ToUnixTimeSeconds() - (decimal)sent)) <= (decimal)tolerance.TotalSeconds
            && signature?.Length == 2 * SHA256.HashSizeInBytes && signature.All(char.IsAsciiHexDigit)
            && CryptographicOperations.FixedTimeEquals(Compute(secret, seconds, body), Convert.FromHexString(signature));
    }

    private static byte[] Compute(string secret, string seconds, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hmac.AppendData(Encoding.ASCII.GetBytes(seconds + "."));
        hmac.AppendData(body);
        return hmac.GetHashAndReset();
    }
}
