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
        await using var exists = new NpgsqlCommand("select to_regproc('public.agentops_table_problems') is not null", connection);
        if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return "Nobody has looked whether the tables fit this program.";
        }

        await using var problems = new NpgsqlCommand(
            "select string_agg(problem, '; ' order by problem) from public.agentops_table_problems()", connection);
        return await problems.ExecuteScalarAsync(cancellationToken) is string found ? ToSentence(found) : null;
    }

    /// <summary>Who besides the owner can read the tables, and the statements that end it; null when nobody can.</summary>
    public static async ValueTask<string?> FindReadersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand("select to_regproc('public.agentops_open_tables') is not null", connection);
        if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return null;
        }

        await using var warnings = new NpgsqlCommand(
            "select string_agg(warning, ' ' order by warning) from public.agentops_open_tables()", connection);
        return await warnings.ExecuteScalarAsync(cancellationToken) as string;
    }

    /// <summary>The sentence for what does not fit.</summary>
    public static string ToSentence(string problems) => $"The tables do not fit this program: {problems}.";
}
