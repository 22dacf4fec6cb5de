using System.Text.Json.Serialization;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.AspNetCore.Service;

/// <summary>The JSON of this room's answers; no setting of the host changes it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, Converters = [typeof(UtcTimestampConverter)],
    MaxDepth = JsonRules.MaxDocumentDepth)]
[JsonSerializable(typeof(ServiceCard))]
[JsonSerializable(typeof(HealthResponse))]
internal sealed partial class ServiceJsonContext : JsonSerializerContext;
