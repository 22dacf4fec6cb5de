using Npgsql;

namespace AgentOps.Rca.Storage.Supabase;

/// <summary>Whether the tables have the shape that the stores need, and who else can read them. The database judges: the migrations bring the functions.</summary>
internal static class SupabaseShape
{
    /// <summary>What the migrations raise when tables that were there before cannot be used.</summary>
    public const string CannotBeUsed = "AO001";

    /// <summary>What does not fit, by column, as one sentence; null when all of it fits.</summary>
    public static async ValueTask<string?> FindProblemAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await MayCallAsync(connection, "public.agentops_table_problems()", cancellationToken) is not { } mayCall)
        {
            return "Nobody has looked whether the tables fit this program.";
        }

        // Whoever runs the migrations may.
        if (!mayCall)
        {
            return null;
        }

        await using var problems = new NpgsqlCommand(
            "select string_agg(problem, '; ' order by problem) from public.agentops_table_problems()", connection);
        return await problems.ExecuteScalarAsync(cancellationToken) is string found ? ToSentence(found) : null;
    }

    /// <summary>Who besides the owner can read the tables, and the statements that end it; null when nobody can.</summary>
    public static async ValueTask<string?> FindReadersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await MayCallAsync(connection, "public.agentops_open_tables()", cancellationToken) is not true)
        {
            return null;
        }

        await using var warnings = new NpgsqlCommand(
            "select string_agg(warning, ' ' order by warning) from public.agentops_open_tables()", connection);
        return await warnings.ExecuteScalarAsync(cancellationToken) as string;
    }

    // Null when there is no such function.
    private static async ValueTask<bool?> MayCallAsync(NpgsqlConnection connection, string function, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select has_function_privilege(to_regprocedure($1)::oid, 'execute')", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = function });
        return await command.ExecuteScalarAsync(cancellationToken) is bool mayCall ? mayCall : null;
    }

    /// <summary>The sentence for what does not fit.</summary>
    public static string ToSentence(string problems) => $"The tables do not fit this program: {problems}.";
}
