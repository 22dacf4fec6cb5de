using AgentOps.Rca.Analysis;
using AgentOps.Rca.Auditing;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Approvals;

internal static class ApprovalsServiceCollectionExtensions
{
    /// <summary>What people decide.</summary>
    public static void AddApprovals(this IServiceCollection services)
    {
        services.TryAddSingleton(static provider => new IncidentApprovals(
            provider.GetShared<IIncidentStore>(),
            provider.GetShared<ISpanStore>(),
            provider.GetRequiredService<RcaReports>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IOptions<AgentOpsRcaOptions>>(),
            provider.GetRequiredService<ILogger<IncidentApprovals>>(),
            provider.GetRequiredService<ISpanIntake>(),
            provider.GetRequiredService<ISigningKeyProvider>(),
            provider.GetRequiredService<IAuditTrail>()));
        services.TryAddSingleton<IIncidentApprovals>(static provider => provider.GetRequiredService<IncidentApprovals>());
    }
}
