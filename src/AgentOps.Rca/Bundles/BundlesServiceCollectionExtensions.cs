using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AgentOps.Rca.Bundles;

internal static class BundlesServiceCollectionExtensions
{
    /// <summary>Bundles and the keys that sign them.</summary>
    public static void AddBundles(this IServiceCollection services)
    {
        services.TryAddSingleton<ISigningKeyProvider, ConfiguredSigningKeys>();
        services.TryAddSingleton(static provider => new BundleExporter(
            provider.GetShared<IIncidentStore>(),
            provider.GetShared<ISpanStore>(),
            provider.GetRequiredService<ArtifactVault>(),
            provider.GetServices<IRcaEngine>(),
            provider.GetRequiredService<ISigningKeyProvider>()));
        services.TryAddSingleton(static provider => new BundleVerifier(
            provider.GetServices<IRcaEngine>(), provider.GetRequiredService<ISigningKeyProvider>()));
        services.TryAddSingleton(static provider => new BundleImporter(
            provider.GetShared<IIncidentStore>(),
            provider.GetShared<ISpanStore>(),
            provider.GetShared<IArtifactStore>(),
            provider.GetShared<IArtifactContentStore>(),
            provider.GetRequiredService<ISigningKeyProvider>(),
            provider.GetRequiredService<ISpanIntake>()));
        services.TryAddSingleton<IBundleExporter>(static provider => provider.GetRequiredService<BundleExporter>());
        services.TryAddSingleton<IBundleVerifier>(static provider => provider.GetRequiredService<BundleVerifier>());
        services.TryAddSingleton<IBundleImporter>(static provider => provider.GetRequiredService<BundleImporter>());
    }
}
