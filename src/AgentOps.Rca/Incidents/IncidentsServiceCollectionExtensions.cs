using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AgentOps.Rca.Incidents;

internal static class IncidentsServiceCollectionExtensions
{
    /// <summary>The way in for incidents.</summary>
    public static void AddIncidents(this IServiceCollection services)
    {
        services.TryAddSingleton<IIncidentOpener>(static provider => new IncidentOpener(
            provider.GetShared<IIncidentStore>(), provider.GetRequiredService<TimeProvider>()));
    }
}
