using System.Text.Json.Serialization;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.AspNetCore.Session;

/// <summary>The JSON of this room's answers; no setting of the host changes it.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, MaxDepth = JsonRules.MaxDocumentDepth)]
[JsonSerializable(typeof(SessionResponse))]
internal sealed partial class SessionJsonContext : JsonSerializerContext;
