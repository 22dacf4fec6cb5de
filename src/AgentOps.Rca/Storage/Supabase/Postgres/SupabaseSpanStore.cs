using System.Runtime.CompilerServices;
using AgentOps.Rca.Spans;
using Npgsql;
using NpgsqlTypes;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

/// <summary>Spans in PostgreSQL.</summary>
internal sealed partial class SupabaseSpanStore(SupabaseDatabase database) : ISpanStore
{
    private const int PageSize = 4_000;
    private const int FindSize = 1_000;

    private const string BareList = "span_id, parent_id, tool, start_ts, end_ts, args_digest, result_digest, null::text, incident_id";
    private const string List = "span_id, parent_id, tool, start_ts, end_ts, args_digest, result_digest, attributes::text, incident_id";
    private const string Columns = $"select {List} from public.spans";

    /// <summary>Spelled like the condition of the index agentops_spans_findings, so that the planner knows it again.</summary>
    private const string IsFinding = "(tool like 'rca.%' or tool like 'human.%' or tool = 'llm.call/rca')";

    private readonly SupabaseSpanCopy _copy = new();

    public async ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default)
    {
        RecordRules.Require(spans);
        var total = SpanWriteResult.Empty;
        foreach (var batch in SpanBatch.Split(spans))
        {
            var result = await database.RunAsync(batch, AddBatchAsync, cancellationToken).ConfigureAwait(false);
            total = new SpanWriteResult(
                total.Added + result.Added, total.Duplicates + result.Duplicates, [.. total.Conflicts, .. result.Conflicts]);
        }

        return total;
    }

    public ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spanId);
        return database.RunAsync(
            spanId,
            static async (connection, spanId, token) =>
            {
                var command = connection.Command($"{Columns} where span_id = $1");
                await using var commandDisposal = command.ConfigureAwait(false);
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = spanId });
                var reader = await command.ExecuteReaderAsync(token).ConfigureAwait(false);
                await using var readerDisposal = reader.ConfigureAwait(false);
                return await reader.ReadAsync(token).ConfigureAwait(false) ? Read(reader) : null;
            },
            cancellationToken);
    }

    public async IAsyncEnumerable<Span> FindAsync(
        IReadOnlyCollection<string> spanIds, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spanIds);
        foreach (var page in spanIds.Distinct(StringComparer.Ordinal).Chunk(FindSize))
        {
            foreach (var span in await database.RunAsync(page, FindPageAsync, cancellationToken).ConfigureAwait(false))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return span;
            }
        }
    }

    public async IAsyncEnumerable<Span> ListFindingsAsync(
        IReadOnlyCollection<string> incidentIds, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(incidentIds);
        foreach (var page in incidentIds.Distinct(StringComparer.Ordinal).Chunk(FindSize))
        {
            foreach (var span in await database.RunAsync(page, FindingsPageAsync, cancellationToken).ConfigureAwait(false))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return span;
            }
        }
    }

    public ValueTask<long> CountAsync(string incidentId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(incidentId);
        return database.RunAsync(incidentId, CountAsync, cancellationToken);
    }

    public async IAsyncEnumerable<Span> ListAsync(SpanQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var left = query.Limit ?? int.MaxValue;
        while (left > 0)
        {
            var size = Math.Min(left, PageSize);
            var page = await database.RunAsync((query, size), ReadPageAsync, cancellationToken).ConfigureAwait(false);
            foreach (var span in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return span;
            }

            if (page.Count < size)
            {
                yield break;
            }

            left -= page.Count;
            query = query with { After = new SpanCursor(page[^1].StartTs, page[^1].SpanId) };
        }
    }

    private static NpgsqlCommand BuildPage(SupabaseConnection connection, SpanQuery query, int size, string list)
    {
        var select = new SupabaseQuery($"select {list} from public.spans")
            .WhereText("incident_id = {0}", query.IncidentId)
            .WhereText("tool = {0}", query.Tool)
            .WhereNumber("start_ts >= {0}", query.FromTs)
            .WhereNumber("start_ts < {0}", query.ToTs);
        if (query.WithoutIncident)
        {
            select.Where("incident_id is null");
        }

        if (query.IsEvidence is { } isEvidence)
        {
            select.Where(isEvidence ? $"not {IsFinding}" : IsFinding);
        }

        if (query.After is { } after)
        {
            var startTs = select.Add(after.StartTs, NpgsqlDbType.Bigint);
            select.Where($"(start_ts, span_id collate \"C\") > ({startTs}, {select.Add(after.SpanId, NpgsqlDbType.Text)})");
        }

        return select.Build(connection, "start_ts, span_id collate \"C\"", size);
    }

    private ValueTask<List<Span>> ReadPageAsync(SupabaseConnection connection, (SpanQuery Query, int Size) page, CancellationToken cancellationToken) =>
        ReadPageAsync(
            connection, page.Query, page.Size, page.Query.WithoutAttributes ? BareList : List,
            static (command, token) => ReadAllAsync(command, token), cancellationToken);

    private static async ValueTask<List<Span>> FindPageAsync(SupabaseConnection connection, string[] ids, CancellationToken cancellationToken)
    {
        var command = connection.Command($"{Columns} where span_id = any($1)");
        await using var commandDisposal = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = ids });
        return await ReadAllAsync(command, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<List<Span>> FindingsPageAsync(SupabaseConnection connection, string[] incidentIds, CancellationToken cancellationToken)
    {
        var command = connection.Command($"{Columns} where incident_id = any($1) and {IsFinding}");
        await using var commandDisposal = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = incidentIds });
        return await ReadAllAsync(command, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<List<Span>> ReadAllAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var readerDisposal = reader.ConfigureAwait(false);
        List<Span> spans = [];
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            spans.Add(Read(reader));
        }

        return spans;
    }

    // Who may not call the function counts the rows that it may see.
    private static async ValueTask<long> CountAsync(SupabaseConnection connection, string incidentId, CancellationToken cancellationToken)
    {
        try
        {
            return await CountAsync(connection, "select public.agentops_span_count($1)", incidentId, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException exception)
            when (exception.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.UndefinedFunction)
        {
            return await CountAsync(connection, "select count(*) from public.spans where incident_id = $1", incidentId, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private static async ValueTask<long> CountAsync(
        SupabaseConnection connection, string sql, string incidentId, CancellationToken cancellationToken)
    {
        var command = connection.Command(sql);
        await using var commandDisposal = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = incidentId });
        return (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    private async ValueTask<SpanWriteResult> AddBatchAsync(
        SupabaseConnection connection, SpanBatch batch, CancellationToken cancellationToken)
    {
        var added = await _copy.TryAsync(connection, batch.Distinct, cancellationToken).ConfigureAwait(false)
            ?? await InsertAsync(connection, batch, cancellationToken).ConfigureAwait(false);
        if (added == batch.Spans.Count)
        {
            return new SpanWriteResult(added, 0, []);
        }

        // Some were there before, or stand in the batch twice: what is stored decides.
        var ids = batch.Distinct.Select(static span => span.SpanId).ToArray();
        var stored = (await FindPageAsync(connection, ids, cancellationToken).ConfigureAwait(false))
            .ToDictionary(static span => span.SpanId, StringComparer.Ordinal);
        return batch.Compare(added, id => stored.GetValueOrDefault(id) ?? throw SupabaseIncidentStore.HiddenRows("spans"));
    }

    private static async ValueTask<int> InsertAsync(SupabaseConnection connection, SpanBatch batch, CancellationToken cancellationToken)
    {
        var insert = connection.Command(
            """
            insert into public.spans (span_id, parent_id, tool, start_ts, end_ts, args_digest, result_digest, attributes, incident_id)
            select span_id, parent_id, tool, start_ts, end_ts, args_digest, result_digest, attributes::jsonb, incident_id
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
                as new (span_id, parent_id, tool, start_ts, end_ts, args_digest, result_digest, attributes, incident_id)
            on conflict (span_id) do nothing
            """);
        await using var insertDisposal = insert.ConfigureAwait(false);
        AddColumn(insert, batch, static span => span.SpanId);
        AddColumn(insert, batch, static span => span.ParentId);
        AddColumn(insert, batch, static span => span.Tool);
        AddColumn(insert, batch, static span => span.StartTs);
        AddColumn(insert, batch, static span => span.EndTs);
        AddColumn(insert, batch, static span => span.ArgsDigest);
        AddColumn(insert, batch, static span => span.ResultDigest);
        // jsonb keeps each value, and comparisons are over the canonical form, so the text may go in as it came.
        AddColumn(insert, batch, static span => span.Attributes.GetRawText());
        AddColumn(insert, batch, static span => span.IncidentId);
        return await insert.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void AddColumn<T>(NpgsqlCommand command, SpanBatch batch, Func<Span, T> column)
    {
        var values = new T[batch.Distinct.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = column(batch.Distinct[i]);
        }

        command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = values });
    }

    // Tables that were there before may hold nulls that this library never writes.
    private static Span Read(NpgsqlDataReader reader) => new()
    {
        SpanId = reader.GetString(0),
        ParentId = SupabaseRows.ReadText(reader, 1),
        Tool = SupabaseRows.ReadText(reader, 2) ?? "",
        StartTs = reader.IsDBNull(3) ? 0 : reader.GetInt64(3),
        EndTs = reader.IsDBNull(4) ? 0 : reader.GetInt64(4),
        ArgsDigest = SupabaseRows.ReadText(reader, 5),
        ResultDigest = SupabaseRows.ReadText(reader, 6),
        Attributes = SupabaseRows.ReadObject(reader, 7),
        IncidentId = SupabaseRows.ReadText(reader, 8),
    };
}
