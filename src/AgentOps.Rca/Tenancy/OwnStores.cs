using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Storage.Contents;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tenancy;

/// <summary>Stores of the application's own know nothing of tenants unless it says so.</summary>
internal static class OwnStores
{
    private const string UseStorage = "UseStorage()";
    private const string UseStorageByDefault = "UseStorageByDefault()";

    /// <summary>Stops a start after which tenants would share a store.</summary>
    /// <exception cref="StoreSetupException">They would, as far as it is known.</exception>
    public static void Refuse(IServiceProvider host, RcaTenantsOptions options)
    {
        if (!options.OwnStoresKeepTenantsApart && Find(host) is { } own)
        {
            throw new StoreSetupException(
                $"AgentOpsRca:Tenants:Names asks for tenants, and {own} may share records between them. Where it keeps them apart, by the RcaTenant among its services, "
                + "set AgentOpsRca:Tenants:OwnStoresKeepTenantsApart.");
        }
    }

    private static string? Find(IServiceProvider host)
    {
        using var scope = host.CreateScope();
        var stores = scope.ServiceProvider;
        var backend = stores.GetRequiredService<StorageBackend>();
        var chosen = stores.GetService<StorageOrigin>()?.Call ?? stores.GetService<EmbeddedStorage>()?.Call;
        return !TenantServices.IsOurs(backend.GetType()) || chosen is UseStorage or UseStorageByDefault ? $"the storage of {chosen ?? backend.GetType().Name}"
            : !ReferenceEquals(stores.GetRequiredService<IIncidentStore>(), backend.Incidents) ? "the application's own IIncidentStore"
            : !ReferenceEquals(stores.GetRequiredService<ISpanStore>(), backend.Spans) ? "the application's own ISpanStore"
            : !ReferenceEquals(stores.GetRequiredService<IArtifactStore>(), backend.Artifacts) ? "the application's own IArtifactStore"
            : stores.GetRequiredService<IArtifactContentStore>() is var contents && contents is not LayeredContentStore && !ReferenceEquals(contents, backend.Contents)
                && (contents as FileSystemArtifactContentStore)?.DirectoryPath != Path.TrimEndingDirectorySeparator(Path.GetFullPath(StorageServiceCollectionExtensions.ContentDirectory(stores))) ? "the application's own IArtifactContentStore"
            : null;
    }
}
