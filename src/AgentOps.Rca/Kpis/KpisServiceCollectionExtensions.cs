using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AgentOps.Rca.Kpis;

internal static class KpisServiceCollectionExtensions
{
    /// <summary>The figures of incidents.</summary>
    public static void AddKpis(this IServiceCollection services)
    {
        services.TryAddSingleton(static provider => new KpiReader(provider.GetShared<IIncidentStore>(), provider.GetShared<ISpanStore>()));
        services.TryAddSingleton<IKpiReader>(static provider => provider.GetRequiredService<KpiReader>());
    }
}
