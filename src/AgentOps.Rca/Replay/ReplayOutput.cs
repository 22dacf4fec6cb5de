using System.Text.Json.Serialization;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Replay;

/// <summary>A recorded result, as the walk comes to it.</summary>
/// <param name="Span">The id of the span.</param>
/// <param name="Tool">The span's tool.</param>
/// <param name="ResultDigest">The digest of its result.</param>
/// <param name="Preview">
/// The first 256 bytes of the result, all of which was hashed and found intact; base64 in JSON. Null when it is missing or changed.
/// </param>
public sealed record ReplayOutput(string Span, string Tool, string ResultDigest, byte[]? Preview)
{
    /// <summary>The row of the result; null when it is missing or changed. Not part of the JSON.</summary>
    [JsonIgnore]
    public Artifact? Result { get; init; }
}
