using System.Text.Json.Serialization;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.AspNetCore.Incidents;

/// <summary>The JSON of this room's answers; no setting of the host changes it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, Converters = [typeof(UtcTimestampConverter)],
    MaxDepth = JsonRules.MaxDocumentDepth)]
[JsonSerializable(typeof(IncidentResponse))]
[JsonSerializable(typeof(IReadOnlyList<IncidentResponse>))]
[JsonSerializable(typeof(IncidentDetailResponse))]
[JsonSerializable(typeof(LinkedSpansResponse))]
internal sealed partial class IncidentsJsonContext : JsonSerializerContext;
