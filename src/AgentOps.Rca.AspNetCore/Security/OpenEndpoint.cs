namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>Marks an endpoint that asks for no key: health and the service card.</summary>
internal sealed class OpenEndpoint
{
    public static readonly OpenEndpoint Instance = new();
}
