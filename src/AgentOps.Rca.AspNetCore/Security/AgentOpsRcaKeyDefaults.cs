namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>Names of the authentication by keys of this library.</summary>
public static class AgentOpsRcaKeyDefaults
{
    /// <summary>The scheme: <c>AgentOpsRcaKey</c>.</summary>
    public const string AuthenticationScheme = "AgentOpsRcaKey";

    /// <summary>
    /// The claim with what a caller may do, one of <see cref="Identity.CallerScopes"/> in each. An identity of another scheme that carries such claims may do
    /// nothing else; one without them may do what the host's policies let it.
    /// </summary>
    public const string ScopeClaim = "agentops_scope";

    /// <summary>The claim with the name of the key.</summary>
    public const string KeyClaim = "agentops_key";

    /// <summary>The claim with the tenant of the key; a key of none has none.</summary>
    public const string TenantClaim = "agentops_tenant";

    internal const string SessionClaim = "agentops_session";
}
