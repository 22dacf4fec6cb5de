using Npgsql;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

/// <summary>Whether the tables have the shape that the stores need, and who else can read them. The database judges: the migrations bring the functions.</summary>
internal static class SupabaseShape
{
    /// <summary>What the migrations raise when tables that were there before cannot be used.</summary>
    public const string CannotBeUsed = "AO001";

    /// <summary>What does not fit, by column, as one sentence; null when all of it fits.</summary>
    public static async ValueTask<string?> FindProblemAsync(SupabaseConnection connection, CancellationToken cancellationToken)
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

        var problems = connection.Command(
            "select string_agg(problem, '; ' order by problem) from public.agentops_table_problems()");
        await using var problemsDisposal = problems.ConfigureAwait(false);
        return await problems.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is string found ? ToSentence(found) : null;
    }

    /// <summary>Who besides the owner can read the tables, and the statements that end it; null when nobody can.</summary>
    public static async ValueTask<string?> FindReadersAsync(SupabaseConnection connection, CancellationToken cancellationToken)
    {
        if (await MayCallAsync(connection, "public.agentops_open_tables()", cancellationToken).ConfigureAwait(false) is not true)
        {
            return null;
        }

        var warnings = connection.Command(
            "select string_agg(warning, ' ' order by warning) from public.agentops_open_tables()");
        await using var warningsDisposal = warnings.ConfigureAwait(false);
        return await warnings.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string;
    }

    /// <summary>How many bytes the tables take, with their parts, indexes and long values.</summary>
    public static async ValueTask<long> MeasureAsync(SupabaseConnection connection, CancellationToken cancellationToken)
    {
        var command = connection.Command(
            """
            with recursive tables(oid) as (
                select to_regclass('public.' || name)::oid from unnest(array['incidents', 'spans', 'artifacts', 'artifact_contents']) as name
                union
                select inhrelid from pg_inherits join tables on inhparent = tables.oid)
            select coalesce(sum(pg_total_relation_size(oid)), 0)::bigint from tables
            """);
        await using var commandDisposal = command.ConfigureAwait(false);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is long bytes ? bytes : 0;
    }

    // Null when there is no such function.
    private static async ValueTask<bool?> MayCallAsync(SupabaseConnection connection, string function, CancellationToken cancellationToken)
    {
        var command = connection.Command("select has_function_privilege(to_regprocedure($1)::oid, 'execute')");
        await using var commandDisposal = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = connection.Schema.In(function) });
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is bool mayCall ? mayCall : null;
    }

    /// <summary>The sentence for what does not fit.</summary>
    public static string ToSentence(string problems) => $"The tables do not fit this program: {problems}.";
}
