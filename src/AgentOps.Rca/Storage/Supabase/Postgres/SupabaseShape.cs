using Npgsql;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

/// <summary>Whether the tables have the shape that the stores need, and who else can read them. The database judges: the migrations bring the functions.</summary>
internal static class SupabaseShape
{
    /// <summary>What the migrations raise when tables that were there before cannot be used.</summary>
    public const string CannotBeUsed = "AO001";

    /// <summary>What does not fit, by column, as one sentence; null when all of it fits.</summary>
    public static async ValueTask<string?> FindProblemAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await MayCallAsync(connection, "public.agentops_table_problems()", cancellationToken).ConfigureAwait(false) is not { } mayCall)
        {
            return "Nobody has looked whether the tables fit this program.";
        }

        // Whoever runs the migrations may.
        if (!mayCall)
        {
            return null;
        }

        var problems = new NpgsqlCommand(
            "select string_agg(problem, '; ' order by problem) from public.agentops_table_problems()", connection);
        await using var problemsDisposal = problems.ConfigureAwait(false);
        return await problems.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is string found ? ToSentence(found) : null;
    }

    /// <summary>Who besides the owner can read the tables, and the statements that end it; null when nobody can.</summary>
    public static async ValueTask<string?> FindReadersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await MayCallAsync(connection, "public.agentops_open_tables()", cancellationToken).ConfigureAwait(false) is not true)
        {
            return null;
        }

        var warnings = new NpgsqlCommand(
            "select string_agg(warning, ' ' order by warning) from public.agentops_open_tables()", connection);
        await using var warningsDisposal = warnings.ConfigureAwait(false);
        return await warnings.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string;
    }

    // Null when there is no such function.
    private static async ValueTask<bool?> MayCallAsync(NpgsqlConnection connection, string function, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand("select has_function_privilege(to_regprocedure($1)::oid, 'execute')", connection);
        await using var commandDisposal = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = function });
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is bool mayCall ? mayCall : null;
    }

    /// <summary>The sentence for what does not fit.</summary>
    public static string ToSentence(string problems) => $"The tables do not fit this program: {problems}.";
}
