using AgentOps.Rca;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Settings;
using AgentOps.Rca.Sqlite;
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
        return builder.UseStorage(provider => new SqliteStores(PathOf(provider, path)), "UseSqlite()");
    }

    /// <summary>Keeps all records in a SQLite file unless the settings name Supabase.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">
    /// The file, relative to the host's content root; by default <c>agentops-rca.db</c> in <see cref="AgentOpsRcaOptions.DataDirectory"/>.
    /// </param>
    public static IAgentOpsRcaBuilder UseSqliteByDefault(this IAgentOpsRcaBuilder builder, string? path = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseStorageByDefault(provider => new SqliteStores(PathOf(provider, path)), "UseSqliteByDefault()");
    }

    private static string PathOf(IServiceProvider provider, string? path) => path is null
        ? Path.Combine(provider.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value.DataDirectory, FileName)
        : SqliteStores.IsFile(path) ? OfTenant(provider.GetRequiredService<ContentRoot>().Resolve(path), provider.GetService<RcaTenant>())
        : path;

    // The directory of the settings is the tenant's already.
    private static string OfTenant(string path, RcaTenant? tenant) =>
        tenant is null ? path : Path.Combine(RcaTenant.DirectoryIn(Path.GetDirectoryName(path) ?? "", tenant), Path.GetFileName(path));
}
