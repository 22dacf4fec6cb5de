using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Kpis;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AgentOps.Rca.Reading;

internal static class ReadingServiceCollectionExtensions
{
    /// <summary>What a page, an MCP server and a tool show.</summary>
    public static void AddReading(this IServiceCollection services)
    {
        services.TryAddSingleton<IIncidentReader>(static provider => new IncidentReader(
            provider.GetShared<IIncidentStore>(),
            provider.GetShared<ISpanStore>(),
            provider.GetRequiredService<ArtifactVault>(),
            provider.GetRequiredService<KpiReader>(),
            provider.GetRequiredService<IReplayer>(),
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IRunReader>(static provider => new RunReader(
            provider.GetShared<IIncidentStore>(),
            provider.GetShared<ISpanStore>(),
            provider.GetRequiredService<ISpanLinker>(),
            provider.GetRequiredService<ArtifactVault>()));
    }
}
