using Microsoft.Extensions.Logging;
using Npgsql;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

/// <summary>
/// Brings a database up to date. Hosts that start at the same time wait for one another in the database; each migration may run
/// twice, so a database that was set up by hand or by the Supabase CLI is no trouble, and the CLI's own ledger is left alone.
/// </summary>
internal sealed partial class SupabaseMigrator(SupabaseDatabase database, ILogger logger)
{
    // Any number that no other program locks: the bytes of "AgentOps".
    private const long LockId = 0x4167_656E_744F_7073;

    private const string ChangeMark = "agentops: ";

    /// <summary>Runs what has not been run yet.</summary>
    /// <returns>How many migrations ran.</returns>
    public ValueTask<int> RunAsync(CancellationToken cancellationToken) =>
        database.RunPatientlyAsync(this, static (connection, self, token) => self.RunAsync(connection, token), cancellationToken);

    /// <summary>The version of the database, or null when no migration has run.</summary>
    public static async ValueTask<string?> ReadVersionAsync(SupabaseConnection connection, CancellationToken cancellationToken)
    {
        var exists = connection.Command("select to_regproc('public.agentops_schema_version') is not null");
        await using var existsDisposal = exists.ConfigureAwait(false);
        if (await exists.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not true)
        {
            return null;
        }

        var version = connection.Command("select public.agentops_schema_version()");
        await using var versionDisposal = version.ConfigureAwait(false);
        return (string?)await version.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<int> RunAsync(SupabaseConnection connection, CancellationToken cancellationToken)
    {
        if (await FindDoneAsync(connection, cancellationToken).ConfigureAwait(false) is { } current && IsCurrent(current))
        {
            return 0;
        }

        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var transactionDisposal = transaction.ConfigureAwait(false);
        // Building an index on a large table takes longer than the limits that Supabase sets for requests.
        await ExecuteAsync(connection, "set local statement_timeout = 0; set local lock_timeout = '60s'", cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(connection, $"select pg_advisory_xact_lock({LockId})", cancellationToken).ConfigureAwait(false);
        if (connection.Schema.Creation is { } creation)
        {
            await ExecuteAsync(connection, creation, cancellationToken).ConfigureAwait(false);
        }

        var version = await FindDoneAsync(connection, cancellationToken).ConfigureAwait(false);
        var count = 0;
        foreach (var migration in SupabaseMigrations.All)
        {
            if (version is null || string.CompareOrdinal(migration.Version, version) > 0)
            {
                await RunAsync(connection, migration, cancellationToken).ConfigureAwait(false);
                LogMigrated(migration.FileName);
                count++;
            }
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return count;
    }

    /// <summary>The version up to which nothing has to run; null where the tables do not fit, whoever made them: then all of it runs again.</summary>
    private static async ValueTask<string?> FindDoneAsync(SupabaseConnection connection, CancellationToken cancellationToken) =>
        await SupabaseShape.FindProblemAsync(connection, cancellationToken).ConfigureAwait(false) is null
            ? await ReadVersionAsync(connection, cancellationToken).ConfigureAwait(false)
            : null;

    private async ValueTask RunAsync(SupabaseConnection connection, SupabaseMigration migration, CancellationToken cancellationToken)
    {
        // What is changed in tables of others is told as it happens.
        void Tell(object sender, NpgsqlNoticeEventArgs notice)
        {
            if (notice.Notice.MessageText.StartsWith(ChangeMark, StringComparison.Ordinal))
            {
                LogChanged(notice.Notice.MessageText[ChangeMark.Length..]);
            }
        }

        connection.Notice += Tell;
        try
        {
            await ExecuteAsync(connection, SupabaseMigrations.Read(migration), cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException exception) when (exception.SqlState == SupabaseShape.CannotBeUsed)
        {
            throw new StoreSetupException($"{exception.MessageText} {exception.Hint}", exception);
        }
        finally
        {
            connection.Notice -= Tell;
        }
    }

    private static bool IsCurrent(string? version) => string.CompareOrdinal(version, SupabaseMigrations.Version) >= 0;

    private static async ValueTask ExecuteAsync(SupabaseConnection connection, string sql, CancellationToken cancellationToken)
    {
        var command = connection.Command(sql);
        await using var commandDisposal = command.ConfigureAwait(false);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    [LoggerMessage(1, LogLevel.Information, "Ran the database migration {Migration}.")]
    private partial void LogMigrated(string migration);

    [LoggerMessage(2, LogLevel.Warning, "A table that was there before is changed so that it can be used: {Change}")]
    private partial void LogChanged(string change);
}
