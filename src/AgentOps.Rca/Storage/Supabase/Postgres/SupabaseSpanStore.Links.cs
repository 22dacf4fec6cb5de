using System.Runtime.CompilerServices;
using AgentOps.Rca.Spans;
using Npgsql;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

internal sealed partial class SupabaseSpanStore : ISpanLinker, ISpanRetention
{
    // The ids' column has the collation C, so the primary key gives a trace in order.
    internal const string SelectTrace = $"{Columns} where span_id >= $1 and span_id < $2 and span_id > $3 order by span_id limit $4";

    internal const string DeleteOldest =
        """
        delete from public.spans where incident_id is null and span_id = any(array(
            select span_id from public.spans where incident_id is null and start_ts >= $1 and start_ts < $2
            order by start_ts, span_id collate "C" limit $3))
        """;

    // The rows are locked in the order of their ids, so two hosts that link the same spans never wait for each other for ever.
    private const string Link =
        """
        with free as (select span_id from public.spans where span_id = any($2) and incident_id is null order by span_id for update)
        update public.spans set incident_id = $1 from free where spans.span_id = free.span_id and spans.incident_id is null
        """;

    public async IAsyncEnumerable<Span> ListTraceAsync(
        string traceId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(traceId);
        var (from, to) = SpanLinks.RangeOf(traceId);
        var after = "";
        while (true)
        {
            var page = await database.RunAsync((from, to, after), ReadTraceAsync, cancellationToken).ConfigureAwait(false);
            foreach (var span in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return span;
            }

            if (page.Count < PageSize)
            {
                yield break;
            }

            after = page[^1].SpanId;
        }
    }

    public async ValueTask<SpanLinkResult> LinkAsync(
        string incidentId, IReadOnlyCollection<string> spanIds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(incidentId);
        ArgumentNullException.ThrowIfNull(spanIds);
        cancellationToken.ThrowIfCancellationRequested();
        var total = SpanLinkResult.Empty;
        foreach (var ids in SpanLinks.Split(spanIds))
        {
            total = total.Plus(await database.RunAsync((incidentId, ids), LinkBatchAsync, cancellationToken).ConfigureAwait(false));
        }

        return total;
    }

    public ValueTask<int> DeleteBaselineAsync(long fromTs, long toTs, int limit, CancellationToken cancellationToken = default) =>
        database.RunAsync(
            (fromTs, toTs, limit),
            static async (connection, range, token) =>
            {
                var delete = connection.Command(DeleteOldest);
                await using var deleteDisposal = delete.ConfigureAwait(false);
                delete.Parameters.Add(new NpgsqlParameter<long> { TypedValue = range.fromTs });
                delete.Parameters.Add(new NpgsqlParameter<long> { TypedValue = range.toTs });
                delete.Parameters.Add(new NpgsqlParameter<long> { TypedValue = range.limit });
                return await delete.ExecuteNonQueryAsync(token).ConfigureAwait(false);
            },
            cancellationToken);

    private static async ValueTask<List<Span>> ReadTraceAsync(
        SupabaseConnection connection, (string From, string To, string After) range, CancellationToken cancellationToken)
    {
        var command = connection.Command(SelectTrace);
        await using var commandDisposal = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = range.From });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = range.To });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = range.After });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = PageSize });
        return await ReadAllAsync(command, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<SpanLinkResult> LinkBatchAsync(
        SupabaseConnection connection, (string IncidentId, string[] Ids) batch, CancellationToken cancellationToken)
    {
        var update = connection.Command(Link);
        await using var updateDisposal = update.ConfigureAwait(false);
        update.Parameters.Add(new NpgsqlParameter<string> { TypedValue = batch.IncidentId });
        update.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = batch.Ids });
        var linked = await update.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);

        Dictionary<string, string?> stored = new(batch.Ids.Length, StringComparer.Ordinal);
        var select = connection.Command("select span_id, incident_id from public.spans where span_id = any($1)");
        await using var selectDisposal = select.ConfigureAwait(false);
        select.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = batch.Ids });
        var reader = await select.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var readerDisposal = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            stored.Add(reader.GetString(0), SupabaseRows.ReadText(reader, 1));
        }

        return SpanLinks.Sum(batch.IncidentId, batch.Ids, linked, stored);
    }
}
