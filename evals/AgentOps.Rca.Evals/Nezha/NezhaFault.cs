using System.Text.Json.Serialization;

namespace AgentOps.Rca.Evals.Nezha;

/// <summary>An injected fault and the minutes to look at.</summary>
internal sealed record NezhaFault(
    [property: JsonPropertyName("system")] string System,
    [property: JsonPropertyName("day")] string Day,
    [property: JsonPropertyName("inject_time")] string InjectTime,
    [property: JsonPropertyName("windows")] IReadOnlyList<string> Windows,
    [property: JsonPropertyName("service")] string Service,
    [property: JsonPropertyName("pod")] string Pod,
    [property: JsonPropertyName("fault_type")] string FaultType);
