using AgentOps.Rca.AspNetCore.Health;
using AgentOps.Rca.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The health check of AgentOps.Rca.</summary>
public static class AgentOpsRcaHealthChecksBuilderExtensions
{
    /// <summary>Adds a check that looks whether the records can be reached, as <c>/health/ready</c> does.</summary>
    /// <param name="builder">The host's health checks.</param>
    /// <param name="name">What the check is called.</param>
    /// <param name="failureStatus">What is reported when they cannot be reached; unhealthy by default.</param>
    /// <param name="tags">Tags to choose the check by, such as <c>ready</c>.</param>
    public static IHealthChecksBuilder AddAgentOpsRca(
        this IHealthChecksBuilder builder, string name = "agentops-rca", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(name, static services => new StoreHealthCheck(
            services.GetService<StorageBackend>() ?? throw new InvalidOperationException("AddHealthChecks().AddAgentOpsRca() needs the services of AddAgentOpsRca()."),
            services), failureStatus, tags));
    }
}
