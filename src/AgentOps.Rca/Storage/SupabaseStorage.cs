using AgentOps.Rca.Storage.Supabase.DataApi;
using AgentOps.Rca.Storage.Supabase.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Storage;

/// <summary>Supabase as a backend of the host, by whichever way in is known.</summary>
internal static class SupabaseStorage
{
    /// <summary>The way through PostgreSQL.</summary>
    /// <param name="provider">The host's services.</param>
    /// <param name="connectionString">A URI or Npgsql's keywords.</param>
    /// <param name="settingName">What the user calls it, for messages.</param>
    /// <exception cref="StoreSetupException">It cannot be read.</exception>
    public static StorageBackend Connect(IServiceProvider provider, string connectionString, string settingName) =>
        provider.GetRequiredService<DatabaseBackends>().Adopt(new SupabaseBackend(
            new SupabaseBackendOptions { ConnectionString = connectionString, SettingName = settingName },
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()));

    /// <summary>The way through the Data API.</summary>
    /// <param name="provider">The host's services.</param>
    /// <param name="url">The project's address.</param>
    /// <param name="key">A key of the project.</param>
    public static StorageBackend Connect(IServiceProvider provider, Uri url, string key)
    {
        var options = new SupabaseApiOptions { Url = url, Key = key };
        return provider.GetRequiredService<DatabaseBackends>().Adopt(new SupabaseApiBackend(
            provider.GetRequiredService<SupabaseApiClients>().Create(options), options, provider.GetRequiredService<TimeProvider>()));
    }
}
