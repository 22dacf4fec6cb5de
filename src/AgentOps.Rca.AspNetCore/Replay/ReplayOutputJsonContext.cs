using System.Text.Json.Serialization;
using AgentOps.Rca.Json;
using AgentOps.Rca.Replay;

namespace AgentOps.Rca.AspNetCore.Replay;

/// <summary>The JSON of this room's answers; no setting of the host changes it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, Converters = [typeof(UtcTimestampConverter)],
    MaxDepth = JsonRules.MaxDocumentDepth)]
[JsonSerializable(typeof(ReplayOutput))]
internal sealed partial class ReplayOutputJsonContext : JsonSerializerContext;
