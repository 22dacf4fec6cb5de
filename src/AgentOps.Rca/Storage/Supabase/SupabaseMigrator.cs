using Microsoft.Extensions.Logging;
using Npgsql;

namespace AgentOps.Rca.Storage.Supabase;

/// <summary>
/// Brings a database up to date. Hosts that start at the same time wait for one another in the database; each migration may run
/// twice, so a database that was set up by hand or by the Supabase CLI is no trouble, and the CLI's own ledger is left alone.
/// </summary>
internal sealed partial class SupabaseMigrator(SupabaseDatabase database, ILogger logger)
{
    // Any number that no other program locks: the bytes of "AgentOps".
    private const long LockId = 0x4167_656E_744F_7073;

    /// <summary>Runs what has not been run yet.</summary>
    /// <returns>How many migrations ran.</returns>
    public ValueTask<int> RunAsync(CancellationToken cancellationToken) =>
        database.RunPatientlyAsync(this, static (connection, self, token) => self.RunAsync(connection, token), cancellationToken);

    /// <summary>The version of the database, or null when no migration has run.</summary>
    public static async ValueTask<string?> ReadVersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand("select to_regproc('public.agentops_schema_version') is not null", connection);
        if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return null;
        }

        await using var version = new NpgsqlCommand("select public.agentops_schema_version()", connection);
        return (string?)await version.ExecuteScalarAsync(cancellationToken);
    }

    private async ValueTask<int> RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (IsCurrent(await ReadVersionAsync(connection, cancellationToken)))
        {
            return 0;
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Building an index on a large table takes longer than the limits that Supabase sets for requests.
        await ExecuteAsync(connection, "set local statement_timeout = 0; set local lock_timeout = '60s'", cancellationToken);
        await ExecuteAsync(connection, $"select pg_advisory_xact_lock({LockId})", cancellationToken);
        var version = await ReadVersionAsync(connection, cancellationToken);
        var count = 0;
        foreach (var migration in SupabaseMigrations.All)
        {
            if (version is null || string.CompareOrdinal(migration.Version, version) > 0)
            {
                await ExecuteAsync(connection, SupabaseMigrations.Read(migration), cancellationToken);
                LogMigrated(migration.FileName);
                count++;
            }
        }

        await transaction.CommitAsync(cancellationToken);
        return count;
    }

    private static bool IsCurrent(string? version) => string.CompareOrdinal(version, SupabaseMigrations.Version) >= 0;

    private static async ValueTask ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(1, LogLevel.Information, "Ran the database migration {Migration}.")]
    private partial void LogMigrated(string migration);
}
