using AgentOps.Rca;
using AgentOps.Rca.Settings;
using AgentOps.Rca.Sqlite;
using AgentOps.Rca.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Keeps the records of AgentOps.Rca in a SQLite file.</summary>
public static class SqliteBuilderExtensions
{
    private const string FileName = "agentops-rca.db";

    /// <summary>Keeps all records in a SQLite file, whatever the settings say.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">
    /// The file, relative to the host's content root; by default <c>agentops-rca.db</c> in <see cref="AgentOpsRcaOptions.DataDirectory"/>.
    /// </param>
    public static IAgentOpsRcaBuilder UseSqlite(this IAgentOpsRcaBuilder builder, string? path = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddSqlite(path).UseStorage(Backend);
    }

    /// <summary>Keeps all records in a SQLite file unless the settings name Supabase.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">
    /// The file, relative to the host's content root; by default <c>agentops-rca.db</c> in <see cref="AgentOpsRcaOptions.DataDirectory"/>.
    /// </param>
    public static IAgentOpsRcaBuilder UseSqliteByDefault(this IAgentOpsRcaBuilder builder, string? path = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddSqlite(path).UseStorageByDefault(Backend);
    }

    private static IAgentOpsRcaBuilder AddSqlite(this IAgentOpsRcaBuilder builder, string? path)
    {
        // The provider disposes what it made: accepted writes are finished when the host stops.
        builder.Services.Replace(ServiceDescriptor.Singleton(provider => new SqliteStores(PathOf(provider, path))));
        return builder;
    }

    private static string PathOf(IServiceProvider provider, string? path) => path is null
        ? Path.Combine(provider.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value.DataDirectory, FileName)
        : SqliteStores.IsFile(path) ? provider.GetRequiredService<ContentRoot>().Resolve(path)
        : path;

    private static StorageBackend Backend(IServiceProvider provider)
    {
        var stores = provider.GetRequiredService<SqliteStores>();
        return new StorageBackend
        {
            Name = $"SQLite ({stores.Path})",
            Incidents = _ => stores.Incidents,
            Spans = _ => stores.Spans,
            Artifacts = _ => stores.Artifacts,
            FindFault = async (_, cancellationToken) => await stores.FindFaultAsync(cancellationToken).ConfigureAwait(false),
        };
    }
}
