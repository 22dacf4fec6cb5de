using System.Runtime.CompilerServices;
using AgentOps.Rca.Spans;
using Microsoft.Data.Sqlite;

namespace AgentOps.Rca.Sqlite;

/// <summary>Spans in a SQLite file.</summary>
internal sealed partial class SqliteSpanStore(SqliteDatabase database) : ISpanStore
{
    private const string Columns = "span_id, parent_id, tool, start_ts, end_ts, args_digest, result_digest, attributes, incident_id";
    private const string Insert = $"INSERT INTO spans ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING";
    private const string Select = $"SELECT {Columns} FROM spans";
    private const string SelectBare =
        "SELECT span_id, parent_id, tool, start_ts, end_ts, args_digest, result_digest, NULL, incident_id FROM spans";
    private const string SelectOne = $"{Select} WHERE span_id = ?1";
    private const string SelectMany = $"{Select} WHERE span_id IN (SELECT value FROM json_each(?1))";
    internal const string SelectFindings =
        $"{Select} WHERE incident_id IN (SELECT value FROM json_each(?1)) AND {SqliteSchema.IsAnalysis} AND (incident_id, start_ts, span_id) > (?2, ?3, ?4) ORDER BY incident_id, start_ts, span_id LIMIT {FindingRows}";
    private const string AddCount =
        "INSERT INTO span_counts VALUES (?1, ?2) ON CONFLICT (incident_id) DO UPDATE SET spans = spans + excluded.spans";
    private const string SelectCount = "SELECT spans FROM span_counts WHERE incident_id = ?1";
    private const int AttributesColumn = 7;

    private const int PageRows = 1_000;
    private const string FindingRows = "1000";
    private const int PageBytes = 2 * 1024 * 1024;

    /// <inheritdoc/>
    public ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default)
    {
        RecordRules.Require(spans);
        if (spans.Count == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return ValueTask.FromResult(SpanWriteResult.Empty);
        }

        var rows = new SqliteSpanRow[spans.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = SqliteSpanRow.Of(spans[i]);
        }

        return database.WriteAsync(session => Add(session, rows), rows.Length, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spanId);
        return database.ReadAsync(session => Find(session, spanId), cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Span> FindAsync(
        IReadOnlyCollection<string> spanIds, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spanIds);
        foreach (var batch in spanIds.Distinct(StringComparer.Ordinal).Chunk(PageRows))
        {
            var wanted = batch.ToHashSet(StringComparer.Ordinal);
            while (wanted.Count > 0)
            {
                var ids = SqliteText.ToJsonArray(wanted);
                var page = await database.ReadAsync(session => FindMany(session, ids), cancellationToken).ConfigureAwait(false);
                foreach (var span in page.Items)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    wanted.Remove(span.SpanId);
                    yield return span;
                }

                if (page.IsLast)
                {
                    break;
                }
            }
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Span> ListFindingsAsync(
        IReadOnlyCollection<string> incidentIds, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(incidentIds);
        foreach (var batch in incidentIds.Distinct(StringComparer.Ordinal).Chunk(PageRows))
        {
            var ids = SqliteText.ToJsonArray(batch);
            for (var (after, isLast) = (new Span { SpanId = "", Tool = "", StartTs = 0, EndTs = 0, IncidentId = "" }, false); !isLast;)
            {
                var place = after;
                var page = await database.ReadAsync(session => FindingsAfter(session, ids, place), cancellationToken).ConfigureAwait(false);
                foreach (var span in page.Items)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return span;
                }

                isLast = page.IsLast;
                after = page.Items.Count > 0 ? page.Items[^1] : after;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> CountAsync(string incidentId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(incidentId);
        return database.ReadAsync(session => CountOf(session, incidentId), cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Span> ListAsync(SpanQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var left = query.Limit ?? int.MaxValue;
        var after = query.After;
        while (left > 0)
        {
            var page = await database.ReadAsync(session => ReadPage(session, query, after, Math.Min(left, PageRows)), cancellationToken).ConfigureAwait(false);
            foreach (var span in page.Items)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return span;
            }

            if (page.IsLast)
            {
                yield break;
            }

            left -= page.Items.Count;
            after = new SpanCursor(page.Items[^1].StartTs, page.Items[^1].SpanId);
        }
    }

    /// <summary>The listing's conditions, its order and its limit, worded so that one index gives the rows in order.</summary>
    internal static SqliteWhere Where(SpanQuery query, SpanCursor? after, int limit)
    {
        var where = new SqliteWhere();
        if (query.IncidentId is { } incidentId)
        {
            where.And("incident_id = @", incidentId);
        }

        // A plus sign keeps a condition from choosing the index: the incident's is the narrower one, then the tool's.
        if (query.Tool is { } tool)
        {
            where.And(query.IncidentId is null ? "tool = @" : "+tool = @", tool);
        }

        if (query.WithoutIncident)
        {
            where.And(query.Tool is null ? "incident_id IS NULL" : "+incident_id IS NULL");
        }

        if (query.IsEvidence is { } evidence)
        {
            where.And(evidence ? $"NOT {SqliteSchema.IsAnalysis}" : SqliteSchema.IsAnalysis);
        }

        // One lower bound only: given two, SQLite may seek by the earlier one and walk through all pages before.
        if (after is { } place && (query.FromTs is not { } start || place.StartTs >= start))
        {
            where.And("(start_ts, span_id) > (@, @)", place.StartTs, place.SpanId);
        }
        else if (query.FromTs is { } from)
        {
            where.And("start_ts >= @", from);
        }

        if (query.ToTs is { } to)
        {
            where.And("start_ts < @", to);
        }

        return where.Then(" ORDER BY start_ts, span_id LIMIT @", (long)limit);
    }

    private static SpanWriteResult Add(SqliteSession session, SqliteSpanRow[] rows)
    {
        var added = 0;
        var duplicates = 0;
        List<string>? conflicts = null;
        Dictionary<string, long> counts = new(StringComparer.Ordinal);
        var insert = session.PrepareInsert(Insert);
        foreach (var row in rows)
        {
            row.Bind(insert);
            if (insert.Run() == 1)
            {
                added++;
                if (row.Span.IncidentId is { } incidentId)
                {
                    counts[incidentId] = counts.GetValueOrDefault(incidentId) + 1;
                }
            }
            else if (IsStored(session, row))
            {
                duplicates++;
            }
            else
            {
                (conflicts ??= []).Add(row.Span.SpanId);
            }
        }

        insert.Forget();
        foreach (var (incidentId, count) in counts)
        {
            session.Prepare(AddCount, 2).Bind(incidentId).Bind(count).Run();
        }

        return new SpanWriteResult(added, duplicates, conflicts ?? SpanWriteResult.Empty.Conflicts);
    }

    private static bool IsStored(SqliteSession session, SqliteSpanRow row) => Find(session, row.Span.SpanId) is { } stored && row.WithAttributes().IsRepeatOf(stored);

    private static Span? Find(SqliteSession session, string spanId)
    {
        using var reader = session.Prepare(SelectOne, 1).Bind(spanId).Read();
        return reader.Read() ? ReadSpan(reader, out _) : null;
    }

    private static SqlitePage<Span> FindMany(SqliteSession session, string ids)
    {
        using var reader = session.Prepare(SelectMany, 1).Bind(ids).Read();
        return ReadPage(reader, int.MaxValue);
    }

    private static SqlitePage<Span> FindingsAfter(SqliteSession session, string ids, Span place)
    {
        using var reader = session.Prepare(SelectFindings, 4).Bind(ids).Bind(place.IncidentId).Bind(place.StartTs).Bind(place.SpanId).Read();
        return ReadPage(reader, PageRows);
    }

    private static long CountOf(SqliteSession session, string incidentId)
    {
        using var reader = session.Prepare(SelectCount, 1).Bind(incidentId).Read();
        return reader.Read() ? reader.GetInt64(0) : 0;
    }

    private static SqlitePage<Span> ReadPage(SqliteSession session, SpanQuery query, SpanCursor? after, int limit)
    {
        using var reader = Where(query, after, limit).Prepare(session, query.WithoutAttributes ? SelectBare : Select).Read();
        return ReadPage(reader, limit);
    }

    private static SqlitePage<Span> ReadPage(SqliteDataReader reader, int limit)
    {
        List<Span> page = [];
        var bytes = 0;
        while (reader.Read())
        {
            page.Add(ReadSpan(reader, out var length));
            bytes += length;
            if (bytes > PageBytes)
            {
                return new SqlitePage<Span>(page, IsLast: false);
            }
        }

        return new SqlitePage<Span>(page, IsLast: page.Count < limit);
    }

    private static Span ReadSpan(SqliteDataReader reader, out int length) => new()
    {
        SpanId = reader.GetString(0),
        ParentId = reader.GetTextOrNull(1),
        Tool = reader.GetString(2),
        StartTs = reader.GetInt64(3),
        EndTs = reader.GetInt64(4),
        ArgsDigest = reader.GetTextOrNull(5),
        ResultDigest = reader.GetTextOrNull(6),
        KeptAttributes = reader.GetAttributes(AttributesColumn, out length),
        IncidentId = reader.GetTextOrNull(8),
    };
}
