namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>Marks the endpoint that says that the process lives and nothing else: probes ask it under any name.</summary>
internal sealed class LivenessEndpoint
{
    public static readonly LivenessEndpoint Instance = new();
}
