using AgentOps.Rca;
using AgentOps.Rca.Tenancy;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Keeps tenants apart.</summary>
public static class AgentOpsRcaTenantsBuilderExtensions
{
    /// <summary>
    /// Keeps tenants apart: each has stores of its own and services of its own, and a request is its caller's tenant's. The settings
    /// <c>AgentOpsRca:Tenants</c> do the same without code.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Names the tenants, and the claim that says which one a user belongs to.</param>
    public static IAgentOpsRcaBuilder AddTenants(this IAgentOpsRcaBuilder builder, Action<RcaTenantsOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.Configure(configure);
        return builder;
    }
}
