using System.Runtime.CompilerServices;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using AgentOps.Rca.Storage;
using Microsoft.Data.Sqlite;

namespace AgentOps.Rca.Sqlite;

/// <summary>Incidents in a SQLite file.</summary>
internal sealed class SqliteIncidentStore(SqliteDatabase database) : IIncidentStore
{
    private const string Columns = "id, order_id, eta_delta_hours, problem_type, status, created_ts, details";
    private const string Insert = $"INSERT INTO incidents ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, CAST(?7 AS TEXT)) ON CONFLICT DO NOTHING";
    private const string Select = $"SELECT {Columns} FROM incidents";
    private const string SelectOne = $"{Select} WHERE id = ?1";
    private const string SetStatus = "UPDATE incidents SET status = ?3 WHERE id = ?1 AND status = ?2";
    private const int DetailsColumn = 6;

    private const int PageRows = 500;
    private const int PageBytes = 2 * 1024 * 1024;

    /// <inheritdoc/>
    public ValueTask<WriteOutcome> AddAsync(Incident incident, CancellationToken cancellationToken = default)
    {
        RecordRules.Require(incident);

        // A cancelled caller may dispose its JSON while the write still runs.
        var details = SqliteText.ToUtf8(incident.Details);
        return database.WriteAsync(session => Add(session, incident, details), rows: 1, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Incident?> GetAsync(Guid id, CancellationToken cancellationToken = default) =>
        database.ReadAsync(session => Find(session, id), cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<Incident> ListAsync(
        IncidentQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var left = query.Limit ?? int.MaxValue;
        var after = query.After;
        while (left > 0)
        {
            var page = await database.ReadAsync(session => ReadPage(session, query, after, Math.Min(left, PageRows)), cancellationToken).ConfigureAwait(false);
            foreach (var incident in page.Items)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return incident;
            }

            if (page.IsLast)
            {
                yield break;
            }

            left -= page.Items.Count;
            after = new IncidentCursor(page.Items[^1].CreatedTs, page.Items[^1].Id);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TrySetStatusAsync(Guid id, string expected, string status, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(status);
        return database.WriteAsync(
            session => session.Prepare(SetStatus, 3).Bind(id.ToString()).Bind(expected).Bind(status).Run() == 1, rows: 1, cancellationToken);
    }

    /// <summary>The listing's conditions, its order and its limit, worded so that one index gives the rows in order.</summary>
    internal static SqliteWhere Where(IncidentQuery query, IncidentCursor? after, int limit)
    {
        // A plus sign keeps a condition from choosing the index: the order's is the narrowest one, the status's the widest.
        var where = new SqliteWhere();
        if (query.OrderId is { } orderId)
        {
            where.And("order_id = @", orderId);
        }

        if (query.ProblemType is { } problemType)
        {
            where.And(query.OrderId is null ? "problem_type = @" : "+problem_type = @", problemType);
        }

        if (query.Status is { } status)
        {
            where.And(query.OrderId is null && query.ProblemType is null ? "status = @" : "+status = @", status);
        }

        // SQLite's lower() folds ASCII letters only, which is what the contract asks for.
        if (query.Text is { } text)
        {
            var part = AsciiText.ToLower(text);
            where.And("(instr(lower(order_id), @) > 0 OR instr(lower(problem_type), @) > 0)", part, part);
        }

        if (after is { } place)
        {
            where.And("(created_ts, id) < (@, @)", SqliteText.FromTime(place.CreatedTs), place.Id.ToString());
        }

        return where.Then(" ORDER BY created_ts DESC, id DESC LIMIT @", (long)limit);
    }

    private static WriteOutcome Add(SqliteSession session, Incident incident, byte[] details)
    {
        var insert = session.Prepare(Insert, 7)
            .Bind(incident.Id.ToString()).Bind(incident.OrderId).Bind(incident.EtaDeltaHours).Bind(incident.ProblemType)
            .Bind(incident.Status).Bind(SqliteText.FromTime(incident.CreatedTs)).Bind(details);
        if (insert.Run() == 1)
        {
            return WriteOutcome.Added;
        }

        return Find(session, incident.Id) is { } stored && stored.IsSameAs(incident with { Details = SqliteText.ToJson(details) })
            ? WriteOutcome.Duplicate
            : WriteOutcome.Conflict;
    }

    private static Incident? Find(SqliteSession session, Guid id)
    {
        using var reader = session.Prepare(SelectOne, 1).Bind(id.ToString()).Read();
        return reader.Read() ? ReadIncident(reader, reader.GetFieldValue<byte[]>(DetailsColumn)) : null;
    }

    private static SqlitePage<Incident> ReadPage(SqliteSession session, IncidentQuery query, IncidentCursor? after, int limit)
    {
        List<Incident> page = [];
        var bytes = 0;
        using var reader = Where(query, after, limit).Prepare(session, Select).Read();
        while (reader.Read())
        {
            var details = reader.GetFieldValue<byte[]>(DetailsColumn);
            page.Add(ReadIncident(reader, details));
            bytes += details.Length;
            if (bytes > PageBytes)
            {
                return new SqlitePage<Incident>(page, IsLast: false);
            }
        }

        return new SqlitePage<Incident>(page, IsLast: page.Count < limit);
    }

    private static Incident ReadIncident(SqliteDataReader reader, byte[] details) => new()
    {
        Id = Guid.Parse(reader.GetString(0)),
        OrderId = reader.GetString(1),
        EtaDeltaHours = !reader.IsDBNull(2) && reader.GetDouble(2) is var hours && double.IsFinite(hours) ? hours : null,
        ProblemType = reader.GetString(3),
        Status = reader.GetString(4),
        CreatedTs = SqliteText.ToTime(reader.GetString(5)),
        KeptDetails = RecordJson.OfStored(details),
    };
}
