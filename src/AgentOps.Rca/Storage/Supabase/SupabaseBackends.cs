using AgentOps.Rca.Identity;
using AgentOps.Rca.Storage.Supabase.DataApi;
using AgentOps.Rca.Storage.Supabase.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace AgentOps.Rca.Storage.Supabase;

/// <summary>The backends on PostgreSQL, a Supabase project's or another, by whichever way in is known.</summary>
internal static class SupabaseBackends
{
    /// <summary>The way through PostgreSQL.</summary>
    /// <param name="provider">The host's services.</param>
    /// <param name="connectionString">A URI or Npgsql's keywords.</param>
    /// <param name="settingName">What the user calls it, for messages.</param>
    /// <param name="kind">What the database is called.</param>
    /// <exception cref="StoreSetupException">It cannot be read.</exception>
    public static StorageBackend Connect(
        IServiceProvider provider, string connectionString, string settingName, string kind = SupabaseBackendOptions.SupabaseKind) => new SupabaseBackend(
            new SupabaseBackendOptions { ConnectionString = connectionString, SettingName = settingName, Kind = kind, Schema = SchemaOf(provider) },
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>());

    /// <summary>The way through PostgreSQL by a data source of the host, which stays the host's to dispose.</summary>
    /// <param name="provider">The host's services.</param>
    /// <param name="source">The data source.</param>
    public static StorageBackend Connect(IServiceProvider provider, NpgsqlDataSource source) => new SupabaseBackend(
        new SupabaseBackendOptions { ConnectionString = source.ConnectionString, DataSource = source, Kind = "PostgreSQL", Schema = SchemaOf(provider) },
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILoggerFactory>());

    /// <summary>The way through the Data API.</summary>
    /// <param name="provider">The host's services.</param>
    /// <param name="url">The project's address.</param>
    /// <param name="key">A key of the project.</param>
    public static StorageBackend Connect(IServiceProvider provider, Uri url, string key)
    {
        var options = new SupabaseApiOptions { Url = url, Key = key, Schema = SchemaOf(provider) };
        return new SupabaseApiBackend(
            provider.GetRequiredService<SupabaseApiClients>().Create(options), options, provider.GetRequiredService<TimeProvider>());
    }

    private static SupabaseSchema SchemaOf(IServiceProvider provider) => SupabaseSchema.Of(provider.GetService<RcaTenant>());
}
