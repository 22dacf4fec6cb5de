using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AgentOps.Rca.Replay;

internal static class ReplayServiceCollectionExtensions
{
    /// <summary>Replays from recorded bytes.</summary>
    public static void AddReplay(this IServiceCollection services)
    {
        services.TryAddSingleton(static provider => new AgentReplayer(
            provider.GetShared<ISpanStore>(), provider.GetRequiredService<ArtifactVault>()));
        services.TryAddSingleton<IReplayer>(static provider => new StrictReplayer(
            provider.GetShared<IIncidentStore>(),
            provider.GetShared<ISpanStore>(),
            provider.GetRequiredService<ArtifactVault>(),
            provider.GetServices<IRcaEngine>(),
            provider.GetRequiredService<ISigningKeyProvider>()));
    }
}
