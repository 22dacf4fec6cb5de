using AgentOps.Rca.AspNetCore.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The keys of AgentOps.Rca as an authentication scheme.</summary>
public static class AgentOpsRcaAuthenticationBuilderExtensions
{
    /// <summary>
    /// Adds the keys of <c>AGENTOPS_KEYS</c> and <c>AGENTOPS_API_KEY</c> as the scheme <see cref="AgentOpsRcaKeyDefaults.AuthenticationScheme"/>, so that policies,
    /// fallback policies and other endpoints of the host know their holders. Without it, the endpoints of <c>MapAgentOpsRca()</c> check the keys
    /// themselves, which is enough where the host has no authorization of its own.
    /// </summary>
    /// <param name="builder">What <c>AddAuthentication()</c> returns.</param>
    /// <param name="scheme">The scheme's name.</param>
    public static AuthenticationBuilder AddAgentOpsRcaKey(
        this AuthenticationBuilder builder, string scheme = AgentOpsRcaKeyDefaults.AuthenticationScheme)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton<CallerKeySet>();
        builder.Services.TryAddSingleton<EndedSessions>();
        return builder.AddScheme<AgentOpsRcaKeyOptions, AgentOpsRcaKeyHandler>(scheme, displayName: null, configureOptions: null);
    }
}
