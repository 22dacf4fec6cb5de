using System.Runtime.CompilerServices;
using System.Text;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using Npgsql;
using NpgsqlTypes;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

/// <summary>Incidents in PostgreSQL.</summary>
internal sealed class SupabaseIncidentStore(SupabaseDatabase database) : IIncidentStore
{
    private const int PageSize = 500;

    private const string Columns =
        $"select id, order_id, problem_type, eta_delta_hours::float8, status, {SupabaseRows.CreatedTs}, details::text from public.incidents";

    public ValueTask<WriteOutcome> AddAsync(Incident incident, CancellationToken cancellationToken = default)
    {
        RecordRules.Require(incident);
        return database.RunAsync(
            incident,
            static async (connection, incident, token) =>
            {
                var insert = connection.Command(
                    """
                    insert into public.incidents (id, order_id, problem_type, eta_delta_hours, status, created_ts, details)
                    values ($1, $2, $3, $4, $5, $6, $7::jsonb) on conflict (id) do nothing
                    """);
                await using var insertDisposal = insert.ConfigureAwait(false);
                insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = incident.Id });
                insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = incident.OrderId });
                insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = incident.ProblemType });
                insert.Parameters.Add(new NpgsqlParameter
                {
                    NpgsqlDbType = NpgsqlDbType.Double,
                    Value = incident.EtaDeltaHours is { } hours ? hours : DBNull.Value,
                });
                insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = incident.Status });
                insert.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = incident.CreatedTs.UtcDateTime });
                insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Encoding.UTF8.GetString(CanonicalJson.ToUtf8(incident.Details)) });
                if (await insert.ExecuteNonQueryAsync(token).ConfigureAwait(false) == 1)
                {
                    return WriteOutcome.Added;
                }

                var stored = await GetAsync(connection, incident.Id, token).ConfigureAwait(false) ?? throw HiddenRows("incidents");
                return stored.IsSameAs(incident) ? WriteOutcome.Duplicate : WriteOutcome.Conflict;
            },
            cancellationToken);
    }

    public ValueTask<Incident?> GetAsync(Guid id, CancellationToken cancellationToken = default) =>
        database.RunAsync(id, GetAsync, cancellationToken);

    public async IAsyncEnumerable<Incident> ListAsync(
        IncidentQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var left = query.Limit ?? int.MaxValue;
        while (left > 0)
        {
            var size = Math.Min(left, PageSize);
            var page = await database.RunAsync((query, size), ReadPageAsync, cancellationToken).ConfigureAwait(false);
            foreach (var incident in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return incident;
            }

            // Nothing lies before the first time that there is.
            if (page.Count < size || page[^1].CreatedTs == DateTimeOffset.MinValue)
            {
                yield break;
            }

            left -= page.Count;
            query = query with { After = new IncidentCursor(page[^1].CreatedTs, page[^1].Id) };
        }
    }

    public ValueTask<bool> TrySetStatusAsync(Guid id, string expected, string status, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(status);
        return database.RunOnceAsync(
            (id, expected, status),
            static async (connection, change, token) =>
            {
                var update = connection.Command(
                    "update public.incidents set status = $3 where id = $1 and status = $2");
                await using var updateDisposal = update.ConfigureAwait(false);
                update.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = change.id });
                update.Parameters.Add(new NpgsqlParameter<string> { TypedValue = change.expected });
                update.Parameters.Add(new NpgsqlParameter<string> { TypedValue = change.status });
                return await update.ExecuteNonQueryAsync(token).ConfigureAwait(false) == 1;
            },
            cancellationToken);
    }

    internal static StoreUnavailableException HiddenRows(string table) => new(
        $"A row of public.{table} is stored but cannot be read back: row level security hides it from this user. "
        + "Connect as postgres, or as a role that bypasses row level security.");

    /// <summary>The command of one page; seen by the test that reads its plan.</summary>
    internal static NpgsqlCommand BuildPage(SupabaseConnection connection, IncidentQuery query, int size)
    {
        var select = new SupabaseQuery(Columns)
            .WhereText("status = {0}", query.Status)
            .WhereText("problem_type = {0}", query.ProblemType)
            .WhereText("order_id = {0}", query.OrderId)
            .WhereText("(order_id ~ {0} or problem_type ~ {0})", TextSearch.ToRegularExpression(query.Text))
            .WhereText(
                "(strpos(lower(order_id collate \"C\"), {0}) > 0 or strpos(lower(problem_type collate \"C\"), {0}) > 0)",
                TextSearch.ToLongText(query.Text));
        if (query.After is { } after)
        {
            var createdTs = select.Add(after.CreatedTs.UtcDateTime, NpgsqlDbType.TimestampTz);
            select.Where($"(created_ts, id) < ({createdTs}, {select.Add(after.Id, NpgsqlDbType.Uuid)})");
        }

        return select.Build(connection, "created_ts desc, id desc", size);
    }

    private static async ValueTask<List<Incident>> ReadPageAsync(
        SupabaseConnection connection, (IncidentQuery Query, int Size) page, CancellationToken cancellationToken)
    {
        var command = BuildPage(connection, page.Query, page.Size);
        await using var commandDisposal = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var readerDisposal = reader.ConfigureAwait(false);
        List<Incident> incidents = [];
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            incidents.Add(Read(reader));
        }

        return incidents;
    }

    private static async ValueTask<Incident?> GetAsync(SupabaseConnection connection, Guid id, CancellationToken cancellationToken)
    {
        var command = connection.Command($"{Columns} where id = $1");
        await using var commandDisposal = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var readerDisposal = reader.ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false) ? Read(reader) : null;
    }

    // Tables that were there before may hold nulls that this library never writes.
    private static Incident Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        OrderId = reader.IsDBNull(1) ? "" : reader.GetString(1),
        ProblemType = reader.IsDBNull(2) ? "" : reader.GetString(2),
        EtaDeltaHours = SupabaseRows.ReadNumber(reader, 3),
        Status = reader.IsDBNull(4) ? IncidentStatus.Open : reader.GetString(4),
        CreatedTs = SupabaseRows.ReadTime(reader, 5),
        Details = SupabaseRows.ReadObject(reader, 6),
    };
}
