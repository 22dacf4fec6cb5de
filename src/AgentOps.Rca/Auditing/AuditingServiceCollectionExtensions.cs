using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Auditing;

internal static class AuditingServiceCollectionExtensions
{
    /// <summary>Who did what.</summary>
    public static void AddAuditing(this IServiceCollection services) =>
        services.TryAddSingleton<IAuditTrail>(static provider => new AuditTrail(
            provider.GetShared<ISpanStore>(),
            provider.GetRequiredService<ISpanIntake>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<AuditTrail>>()));
}
