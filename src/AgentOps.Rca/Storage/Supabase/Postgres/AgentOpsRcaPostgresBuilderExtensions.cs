using AgentOps.Rca;
using AgentOps.Rca.Storage.Supabase;
using AgentOps.Rca.Storage.Supabase.Postgres;
using Npgsql;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses any PostgreSQL as the store of AgentOps.Rca.</summary>
public static class AgentOpsRcaPostgresBuilderExtensions
{
    /// <summary>
    /// Keeps everything in a PostgreSQL database, whatever the settings say; the host brings its tables up to date when it starts. They stand in the
    /// schema <c>public</c>. The last call wins.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connectionString">A <c>postgresql://</c> URI, or Npgsql's keywords.</param>
    /// <exception cref="ArgumentException">It is neither; the message says why, without repeating it.</exception>
    public static IAgentOpsRcaBuilder UsePostgres(this IAgentOpsRcaBuilder builder, string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        const string name = "The connection string of UsePostgres";
        return SupabaseConnectionString.FindProblem(connectionString, name) is { } problem
            ? throw new ArgumentException(problem, nameof(connectionString))
            : builder.UseStorage(provider => SupabaseBackends.Connect(provider, connectionString, name, "PostgreSQL"), "UsePostgres()");
    }

    /// <summary>Keeps everything in the database of this data source, which stays yours to dispose. The last call wins.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="dataSource">The data source, with whatever it needs to log in. It must read arrays, as one of <c>NpgsqlDataSourceBuilder</c> does.</param>
    public static IAgentOpsRcaBuilder UsePostgres(this IAgentOpsRcaBuilder builder, NpgsqlDataSource dataSource)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return builder.UsePostgres(_ => dataSource);
    }

    /// <summary>
    /// Keeps everything in the database of the <see cref="NpgsqlDataSource"/> that the application has registered (<c>AddNpgsqlDataSource</c>, Aspire). The
    /// last call wins.
    /// </summary>
    /// <param name="builder">The builder.</param>
    public static IAgentOpsRcaBuilder UsePostgres(this IAgentOpsRcaBuilder builder) => builder.UsePostgres(static provider => provider.GetService<NpgsqlDataSource>()
        ?? throw new InvalidOperationException("UsePostgres() found no registered NpgsqlDataSource. Register one, such as with AddNpgsqlDataSource, or pass it."));

    /// <summary>Keeps everything in the database of this data source, such as one that is registered under a key. The last call wins.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="dataSource">Gives the data source, which is not disposed.</param>
    public static IAgentOpsRcaBuilder UsePostgres(this IAgentOpsRcaBuilder builder, Func<IServiceProvider, NpgsqlDataSource> dataSource)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return builder.UseStorage(provider => SupabaseBackends.Connect(provider, dataSource(provider)), "UsePostgres()");
    }
}
