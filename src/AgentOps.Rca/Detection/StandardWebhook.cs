using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AgentOps.Rca.Detection;

/// <summary>
/// The headers of Standard Webhooks, beside our own: a receiver checks them with a library of that specification. The key is what follows
/// <c>whsec_</c> in base64; a secret of another form is its own UTF-8.
/// </summary>
internal static class StandardWebhook
{
    public const string IdHeader = "webhook-id";
    public const string TimestampHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";

    private const string SecretPrefix = "whsec_";

    /// <summary>Adds the headers of one attempt.</summary>
    /// <param name="request">The request.</param>
    /// <param name="id">The same for every attempt at one delivery.</param>
    /// <param name="secret">The shared secret.</param>
    /// <param name="body">The bytes as they are sent.</param>
    /// <param name="time">Now.</param>
    public static void Sign(HttpRequestMessage request, string id, string secret, ReadOnlySpan<byte> body, DateTimeOffset time)
    {
        var seconds = time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, KeyOf(secret));
        hmac.AppendData(Encoding.UTF8.GetBytes($"{id}.{seconds}."));
        hmac.AppendData(body);
        request.Headers.Add(IdHeader, id);
        request.Headers.Add(TimestampHeader, seconds);
        request.Headers.Add(SignatureHeader, $"v1,{Convert.ToBase64String(hmac.GetHashAndReset())}");
    }

    private static byte[] KeyOf(string secret)
    {
        var key = new byte[secret.Length];
        return secret.StartsWith(SecretPrefix, StringComparison.Ordinal) && Convert.TryFromBase64String(secret[SecretPrefix.Length..], key, out var length)
            ? key[..length]
            : Encoding.UTF8.GetBytes(secret);
    }
}
