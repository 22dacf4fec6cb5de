using System.Text.Json.Serialization;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.AspNetCore.Patterns;

/// <summary>The JSON of this room's answers; no setting of the host changes it.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcTimestampConverter)],
    MaxDepth = JsonRules.MaxDocumentDepth)]
[JsonSerializable(typeof(IReadOnlyList<PatternResponse>))]
internal sealed partial class PatternsJsonContext : JsonSerializerContext;
