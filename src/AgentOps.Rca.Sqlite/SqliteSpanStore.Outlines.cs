using AgentOps.Rca.Spans;
using SQLitePCL;

namespace AgentOps.Rca.Sqlite;

internal sealed partial class SqliteSpanStore : ISpanOutlines
{
    internal const string SelectOutlines =
        "SELECT span_id, parent_id, tool, start_ts, end_ts, attributes FROM spans WHERE incident_id = ?1 AND (start_ts, span_id) > (?2, ?3) ORDER BY start_ts, span_id LIMIT ?4";

    private const int OutlineRows = 20_000;

    /// <inheritdoc/>
    public async ValueTask ReadOutlinesAsync(string incidentId, ShowSpan show, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(incidentId);
        ArgumentNullException.ThrowIfNull(show);
        for (SpanCursor? after = new SpanCursor(long.MinValue, ""); after is { } place;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            after = await database.ReadAsync(session => ShowPage(session, incidentId, place, show), cancellationToken).ConfigureAwait(false);
        }
    }

    // The place after the page, or null when it was the last one.
    private static SpanCursor? ShowPage(SqliteSession session, string incidentId, SpanCursor after, ShowSpan show)
    {
        using var reader = session.Prepare(SelectOutlines, 4).Bind(incidentId).Bind(after.StartTs).Bind(after.SpanId).Bind((long)OutlineRows).Read();
        for (var rows = 1; reader.Read(); rows++)
        {
            Show(reader.Handle!, show);
            if (rows == OutlineRows)
            {
                return new SpanCursor(reader.GetInt64(3), reader.GetString(0));
            }
        }

        return null;
    }

    // The bytes lie in SQLite's own memory until the next row is read.
    private static void Show(sqlite3_stmt row, ShowSpan show) => show(new SpanOutline
    {
        SpanId = raw.sqlite3_column_blob(row, 0),
        HasParent = raw.sqlite3_column_type(row, 1) != raw.SQLITE_NULL,
        ParentId = raw.sqlite3_column_blob(row, 1),
        Tool = raw.sqlite3_column_blob(row, 2),
        StartTs = raw.sqlite3_column_int64(row, 3),
        EndTs = raw.sqlite3_column_int64(row, 4),
        Attributes = raw.sqlite3_column_blob(row, 5),
    });
}
