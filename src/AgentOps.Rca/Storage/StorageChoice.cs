using AgentOps.Rca.Storage.InMemory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Storage;

/// <summary>The backend that the settings name: Supabase when its variables are set, else the embedded one, else memory.</summary>
internal static class StorageChoice
{
    public static StorageBackend Choose(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value;
        return options.SupabaseDbUrl is not null || options.SupabaseUrl is not null
            ? throw new NotSupportedException("SUPABASE_DB_URL and SUPABASE_URL are not supported by this version.")
            : provider.GetService<EmbeddedStorage>()?.Backend(provider) ?? InMemoryBackend.Create();
    }
}

/// <summary>The backend to use when the settings name none.</summary>
/// <param name="Backend">Makes the backend.</param>
internal sealed record EmbeddedStorage(Func<IServiceProvider, StorageBackend> Backend);
