using System.Text.Json;
using System.Text.Json.Serialization;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Bundles;

/// <summary>The wire form of a verification.</summary>
internal static class BundleVerificationJson
{
    /// <summary>The verification as JSON.</summary>
    /// <param name="verification">The verification.</param>
    public static byte[] ToUtf8(BundleVerification verification)
    {
        ArgumentNullException.ThrowIfNull(verification);
        return JsonSerializer.SerializeToUtf8Bytes(verification, BundleVerificationJsonContext.Default.BundleVerification);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, Converters = [typeof(UtcTimestampConverter)],
    MaxDepth = JsonRules.MaxDocumentDepth)]
[JsonSerializable(typeof(BundleVerification))]
internal sealed partial class BundleVerificationJsonContext : JsonSerializerContext;
