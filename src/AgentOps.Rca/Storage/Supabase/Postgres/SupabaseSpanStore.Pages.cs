using AgentOps.Rca.Spans;
using Npgsql;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

internal sealed partial class SupabaseSpanStore
{
    // Whether the caller may not call the function of the migrations; then the planner judges, as for any other listing.
    private volatile bool _isWithoutPages;

    /// <summary>The command of a page of an incident's spans, by the index that has them in order whatever the server knows of the incident.</summary>
    private static NpgsqlCommand BuildIncidentPage(SupabaseConnection connection, SpanQuery query, int size, string list)
    {
        var command = connection.Command($"select {list} from public.agentops_span_page($1, $2, $3, $4, $5, $6)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = query.IncidentId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = query.After?.StartTs ?? long.MinValue });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = query.After?.SpanId ?? "" });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = size });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = query.IsEvidence == true });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = query.WithoutAttributes });
        return command;
    }

    private async ValueTask<T> ReadPageAsync<T>(
        SupabaseConnection connection, SpanQuery query, int size, string list, Func<NpgsqlCommand, CancellationToken, ValueTask<T>> read,
        CancellationToken cancellationToken)
    {
        if (!_isWithoutPages && query.IsWholeIncident)
        {
            var page = BuildIncidentPage(connection, query, size, list);
            await using var pageDisposal = page.ConfigureAwait(false);
            try
            {
                return await read(page, cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException exception)
                when (exception.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.UndefinedFunction)
            {
                _isWithoutPages = true;
            }
        }

        var command = BuildPage(connection, query, size, list);
        await using var commandDisposal = command.ConfigureAwait(false);
        return await read(command, cancellationToken).ConfigureAwait(false);
    }
}
