using AgentOps.Rca.Spans;
using SQLitePCL;

namespace AgentOps.Rca.Sqlite;

internal sealed partial class SqliteSpanStore : ISpanRows
{
    internal const string SelectRows =
        "SELECT span_id, parent_id, tool, start_ts, end_ts, args_digest, result_digest, attributes FROM spans WHERE incident_id = ?1 AND (start_ts, span_id) > (?2, ?3) ORDER BY start_ts, span_id LIMIT ?4";

    /// <inheritdoc/>
    public ValueTask<SpanCursor?> ReadPageAsync(
        string incidentId, SpanCursor? after, int most, ShowSpan show, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(incidentId);
        ArgumentNullException.ThrowIfNull(show);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most);
        return database.ReadAsync(session => ShowPage(session, incidentId, after ?? new SpanCursor(long.MinValue, ""), most, show), cancellationToken);
    }

    private static SpanCursor? ShowPage(SqliteSession session, string incidentId, SpanCursor after, int most, ShowSpan show)
    {
        using var reader = session.Prepare(SelectRows, 4).Bind(incidentId).Bind(after.StartTs).Bind(after.SpanId).Bind((long)most).Read();
        for (var rows = 1; reader.Read(); rows++)
        {
            Show(reader.Handle!, show);
            if (rows == most)
            {
                return new SpanCursor(reader.GetInt64(3), reader.GetString(0));
            }
        }

        return null;
    }

    // The bytes lie in SQLite's own memory until the next row is read.
    private static void Show(sqlite3_stmt row, ShowSpan show)
    {
        var parent = Text(row, 1, out var hasParent);
        var args = Text(row, 5, out var hasArgs);
        var result = Text(row, 6, out var hasResult);
        show(new SpanRow
        {
            SpanId = raw.sqlite3_column_blob(row, 0),
            HasParent = hasParent,
            ParentId = parent,
            Tool = raw.sqlite3_column_blob(row, 2),
            StartTs = raw.sqlite3_column_int64(row, 3),
            EndTs = raw.sqlite3_column_int64(row, 4),
            HasArgs = hasArgs,
            ArgsDigest = args,
            HasResult = hasResult,
            ResultDigest = result,
            Attributes = raw.sqlite3_column_blob(row, 7),
        });
    }

    private static ReadOnlySpan<byte> Text(sqlite3_stmt row, int column, out bool isThere)
    {
        var utf8 = raw.sqlite3_column_blob(row, column);
        isThere = utf8.Length > 0 || raw.sqlite3_column_type(row, column) != raw.SQLITE_NULL;
        return utf8;
    }
}
