using AgentOps.Rca.Storage.Faults;
using Npgsql;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

/// <summary>What Npgsql's failures mean, and how they are told to a person.</summary>
internal static class SupabaseFaults
{
    private const string PoolerInternalError = "XX000";

    public static StoreFault Classify(Exception exception) => exception switch
    {
        // Whatever kept a connection from coming about, nothing was sent over it.
        ConnectFailedException { InnerException: { } inner } =>
            Classify(inner) == StoreFault.Permanent ? StoreFault.Permanent : StoreFault.NotDone,
        // Supabase's pooler reports with this code, at log-in, that it is full or that it does not know the project.
        PostgresException { SqlState: PoolerInternalError } postgres =>
            IsFatal(postgres) && !IsUnknownTenant(postgres) ? StoreFault.NotDone : StoreFault.Permanent,
        PostgresException postgres => SqlStateFaults.Classify(postgres.SqlState),
        NpgsqlException npgsql => NetworkFaults.Classify(npgsql) ?? (npgsql.IsTransient ? StoreFault.Unknown : StoreFault.Permanent),
        _ => NetworkFaults.Classify(exception) ?? StoreFault.Permanent,
    };

    /// <summary>The sentence for a failure that a person has to mend, or null when it is none of those.</summary>
    public static string? Explain(Exception exception, SupabaseAddress address)
    {
        var cause = exception is ConnectFailedException or StoreBudgetException ? exception.InnerException! : exception;
        if (cause is ConnectFailedException { InnerException: { } inner })
        {
            cause = inner;
        }

        return cause is PostgresException postgres ? Explain(postgres, address)
            : cause is InvalidCastException
                ? $"A column of the tables at {address} has another type than this program reads. {SupabaseMigrations.HowToRun}"
            : NetworkFaults.Classify(cause) is null && cause is not NpgsqlException ? null
            : $"The database at {address} cannot be reached: {Reason(cause)}" + ReachHint(address);
    }

    private static string? Explain(PostgresException exception, SupabaseAddress address) => exception.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            $"The database at {address} refused the password of user {address.Settings.Username}. "
            + "Take the connection string from the dashboard of the project, under Connect, or reset the database password there.",
        PoolerInternalError when IsUnknownTenant(exception) =>
            $"The pooler at {address} does not know the user {address.Settings.Username}. "
            + "Behind the pooler the user is called postgres.<project reference>.",
        PostgresErrorCodes.InvalidCatalogName => $"The server at {address} has no database of that name; on Supabase it is called postgres.",
        PostgresErrorCodes.NotNullViolation or PostgresErrorCodes.CheckViolation or PostgresErrorCodes.ForeignKeyViolation
            or PostgresErrorCodes.StringDataRightTruncation or PostgresErrorCodes.NumericValueOutOfRange =>
            $"The tables at {address} have a rule of their own that refuses this row ({exception.MessageText}).",
        PostgresErrorCodes.DatatypeMismatch or PostgresErrorCodes.InvalidColumnReference =>
            $"The tables at {address} do not fit this program ({exception.MessageText}). {SupabaseMigrations.HowToRun}",
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.UndefinedFunction =>
            $"The database at {address} lacks a table or column ({exception.MessageText}). {SupabaseMigrations.HowToRun}",
        PostgresErrorCodes.InsufficientPrivilege =>
            $"The user {address.Settings.Username} may not do this at {address} ({exception.MessageText}). "
            + "Row level security lets only the owner of the tables and service_role in; connect as postgres.",
        PostgresErrorCodes.ReadOnlySqlTransaction =>
            $"The database at {address} is read-only. Supabase does this when the disk is full; see Database, Usage in the dashboard.",
        _ when Classify(exception) != StoreFault.Permanent =>
            $"The database at {address} does not serve now: {exception.MessageText} ({exception.SqlState}).",
        _ => null,
    };

    private static string Reason(Exception exception)
    {
        while (exception is NpgsqlException && exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception.Message.TrimEnd('.') + ".";
    }

    private static string ReachHint(SupabaseAddress address) =>
        address.Settings.Host is { } host && host.StartsWith("db.", StringComparison.Ordinal)
            && host.EndsWith(".supabase.co", StringComparison.Ordinal)
            ? " The direct address of a project has IPv6 only; from a network without it, use the session or transaction pooler."
            : "";

    private static bool IsFatal(PostgresException exception) => exception.InvariantSeverity == "FATAL" || exception.Severity == "FATAL";

    private static bool IsUnknownTenant(PostgresException exception) =>
        exception.MessageText.Contains("Tenant or user not found", StringComparison.OrdinalIgnoreCase);
}

/// <summary>No connection came about. Never leaves this room.</summary>
internal sealed class ConnectFailedException(Exception innerException) : Exception(innerException.Message, innerException);
