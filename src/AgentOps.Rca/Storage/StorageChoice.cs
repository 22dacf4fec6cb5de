using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Storage.Supabase.Bucket;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Storage;

/// <summary>The backend that the settings name: Supabase when its variables are set, else the embedded one, else memory.</summary>
internal static class StorageChoice
{
    public static StorageBackend Choose(IServiceProvider provider) => BucketStorage.Apply(provider, ChooseRecords(provider));

    private static StorageBackend ChooseRecords(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value switch
        {
            { SupabaseDbUrl: { } connectionString } =>
                SupabaseStorage.Connect(provider, connectionString, AgentOpsRcaSettings.SupabaseDbUrl),
            { SupabaseUrl: { } url, SupabaseKey: { } key } => SupabaseStorage.Connect(provider, new Uri(url), key),
            _ => provider.GetService<EmbeddedStorage>()?.Backend(provider) ?? InMemoryBackend.Create(),
        };
}

/// <summary>The backend to use when the settings name none.</summary>
/// <param name="Backend">Makes the backend.</param>
internal sealed record EmbeddedStorage(Func<IServiceProvider, StorageBackend> Backend);
