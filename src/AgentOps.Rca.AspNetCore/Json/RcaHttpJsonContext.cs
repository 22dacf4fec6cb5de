using System.Text.Json.Serialization;
using AgentOps.Rca.AspNetCore.Approvals;
using AgentOps.Rca.AspNetCore.Artifacts;
using AgentOps.Rca.AspNetCore.Incidents;
using AgentOps.Rca.AspNetCore.Service;
using AgentOps.Rca.AspNetCore.Spans;
using AgentOps.Rca.Json;
using AgentOps.Rca.Replay;

namespace AgentOps.Rca.AspNetCore.Json;

/// <summary>The JSON of the HTTP API. Answers are written with it, so no setting of the host changes them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    Converters = [typeof(UtcTimestampConverter)])]
[JsonSerializable(typeof(IncidentResponse))]
[JsonSerializable(typeof(IReadOnlyList<IncidentResponse>))]
[JsonSerializable(typeof(IncidentDetailResponse))]
[JsonSerializable(typeof(ArtifactResponse))]
[JsonSerializable(typeof(ArtifactDetailResponse))]
[JsonSerializable(typeof(SpanResponse))]
[JsonSerializable(typeof(IReadOnlyList<SpanResponse>))]
[JsonSerializable(typeof(SpansWrittenResponse))]
[JsonSerializable(typeof(ApprovalResponse))]
[JsonSerializable(typeof(ReplayOutput))]
[JsonSerializable(typeof(ServiceCard))]
[JsonSerializable(typeof(HealthResponse))]
internal sealed partial class RcaHttpJsonContext : JsonSerializerContext;
