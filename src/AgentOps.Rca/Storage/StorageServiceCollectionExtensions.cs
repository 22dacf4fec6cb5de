using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.Supabase.Bucket;
using AgentOps.Rca.Storage.Supabase.DataApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Storage;

internal static class StorageServiceCollectionExtensions
{
    private const string DefaultArtifactDirectory = "artifacts";

    /// <summary>The stores, made by whichever backend is chosen when the first of them is asked for.</summary>
    public static void AddStorage(this IServiceCollection services)
    {
        services.AddSupabaseApiClients();
        services.AddBucketClient();
        services.TryAddSingleton<DatabaseBackends>();
        services.TryAddSingleton(StorageChoice.Choose);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, StoragePreparation>());
        services.TryAddSingleton(static provider => provider.GetRequiredService<StorageBackend>().Incidents(provider));
        services.TryAddSingleton(static provider => provider.GetRequiredService<StorageBackend>().Spans(provider));
        services.TryAddSingleton(static provider => provider.GetRequiredService<StorageBackend>().Artifacts(provider));
        // A store of the user's own offers them by implementing them.
        services.TryAddSingleton(static provider => provider.GetRequiredService<ISpanStore>() as ISpanLinker ?? MissingSpanAbilities.Instance);
        services.TryAddSingleton(static provider => new SpanLogLinks(
            provider.GetRequiredService<ISpanStore>(),
            provider.GetRequiredService<ISpanLinker>() is var linker and not MissingSpanAbilities ? linker : null));
        services.TryAddSingleton(static provider => provider.GetRequiredService<ISpanStore>() as ISpanRetention ?? MissingSpanAbilities.Instance);
        services.TryAddSingleton(MakeContents);
        services.TryAddSingleton<ArtifactVault>();
    }

    private static IArtifactContentStore MakeContents(IServiceProvider provider)
    {
        var directory = provider.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value.ArtifactDirectory;
        return directory is null && provider.GetRequiredService<StorageBackend>().Contents is { } contents
            ? contents(provider)
            : new FileSystemArtifactContentStore(directory ?? DefaultArtifactDirectory);
    }
}
