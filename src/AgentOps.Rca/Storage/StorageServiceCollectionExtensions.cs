using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Settings;
using AgentOps.Rca.Storage.Contents;
using AgentOps.Rca.Storage.Scoped;
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
        services.TryAddSingleton(StorageChoice.Choose);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, StoragePlaces>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, StoragePreparation>());
        services.TryAddSingleton(static provider => provider.GetRequiredService<StorageBackend>().Incidents);
        services.TryAddSingleton(static provider => provider.GetRequiredService<StorageBackend>().Spans);
        services.TryAddSingleton(static provider => provider.GetRequiredService<StorageBackend>().Artifacts);
        services.TryAddSingleton(MakeContents);
        services.AddSharedStores();
        services.TryAddSingleton(static provider => new StorageRoom(
            provider.GetRequiredService<StorageBackend>(), provider.GetShared<IArtifactContentStore>(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(static provider => new ArtifactVault(
            provider.GetShared<IArtifactStore>(), provider.GetShared<IArtifactContentStore>(), provider.GetRequiredService<TimeProvider>()));
    }

    private static IArtifactContentStore MakeContents(IServiceProvider provider)
    {
        var backend = provider.GetRequiredService<StorageBackend>();
        var directory = provider.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value.ArtifactDirectory;
        if (directory is null && backend.Contents is { } contents)
        {
            return contents;
        }

        var files = new FileSystemArtifactContentStore(ContentDirectory(provider));
        // Beside its row, or not at all: where the rows are kept elsewhere, nothing here tells what is an orphan.
        return backend.SmallContents is { } small && ReferenceEquals(provider.GetShared<IArtifactStore>(), backend.Artifacts)
            ? new LayeredContentStore(small, files, backend.Artifacts, provider.GetRequiredService<TimeProvider>())
            : files;
    }

    /// <summary>Where the bytes of artifacts are kept when they are kept in files, a tenant's apart from those of the host.</summary>
    public static string ContentDirectory(IServiceProvider provider) => provider.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value.ArtifactDirectory
        ?? RcaTenant.DirectoryIn(provider.GetRequiredService<ContentRoot>().Resolve(DefaultArtifactDirectory), provider.GetService<RcaTenant>());
}
