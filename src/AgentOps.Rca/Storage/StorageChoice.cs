using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Storage.Supabase;
using AgentOps.Rca.Storage.Supabase.Bucket;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Storage;

/// <summary>The backend that the settings name: Supabase when its variables are set, else the embedded one, else memory.</summary>
internal static class StorageChoice
{
    public static StorageBackend Choose(IServiceProvider provider) => BucketBackend.Apply(provider, ChooseRecords(provider));

    private static StorageBackend ChooseRecords(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value switch
        {
            { SupabaseDbUrl: { } connectionString } =>
                SupabaseBackends.Connect(provider, connectionString, AgentOpsRcaSettings.SupabaseDbUrl),
            { SupabaseUrl: { } url, SupabaseKey: { } key } => SupabaseBackends.Connect(provider, new Uri(url), key),
            _ => provider.GetService<EmbeddedStorage>()?.Backend(provider) ?? InMemoryBackend.Create(provider),
        };
}

/// <summary>The backend to use when the settings name none.</summary>
/// <param name="Backend">Makes the backend.</param>
/// <param name="Call">The call that said so.</param>
internal sealed record EmbeddedStorage(Func<IServiceProvider, StorageBackend> Backend, string Call);
