using System.Text.Json.Serialization;

namespace AgentOps.Rca.AspNetCore.Service;

/// <summary>What answers here, and where to go on.</summary>
internal sealed record ServiceCard(string Service, string Version, string? Store, IReadOnlyList<EngineState> Engines, ServiceLinks Links);

/// <summary>The ways on from the service card.</summary>
internal sealed record ServiceLinks(string Docs, string Openapi, string Health, string Ready, string Incidents);

/// <summary>An engine and whether it can work now.</summary>
/// <param name="Name">The value of <c>engine</c>.</param>
/// <param name="Available">Whether it can work now.</param>
/// <param name="Reason">What it lacks, or null.</param>
internal sealed record EngineState(string Name, bool Available, string? Reason);

/// <summary>Liveness or readiness.</summary>
internal sealed record HealthResponse(
    string Status,
    string? Store = null,
    IReadOnlyList<EngineState>? Engines = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RecordingState? Recording = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Warning = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Tenants = null);

/// <summary>What became of the activities of this process; there only when they are recorded.</summary>
/// <param name="Recorded">How many were stored as spans.</param>
/// <param name="Dropped">How many were lost.</param>
/// <param name="Waiting">How many wait to be stored.</param>
internal sealed record RecordingState(long Recorded, long Dropped, int Waiting);
