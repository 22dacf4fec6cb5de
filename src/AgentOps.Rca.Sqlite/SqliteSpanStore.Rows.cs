using System.Runtime.CompilerServices;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Sqlite;

internal sealed partial class SqliteSpanStore : ISpanRows
{
    private const string OfIncident = "FROM spans WHERE incident_id = ?1 AND (start_ts, span_id) > (?2, ?3) ORDER BY start_ts, span_id LIMIT ?4";
    internal const string SelectRows = $"SELECT span_id, parent_id, tool, start_ts, end_ts, args_digest, result_digest, attributes {OfIncident}";
    internal const string SelectBareRows = $"SELECT span_id, parent_id, tool, start_ts, end_ts, args_digest, result_digest, NULL {OfIncident}";

    /// <inheritdoc/>
    public ValueTask<SpanCursor?> ReadPageAsync(
        string incidentId, SpanCursor? after, int most, ShowSpan show, CancellationToken cancellationToken = default) =>
        ReadPageAsync(SelectRows, incidentId, after, most, show, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<SpanCursor?> ReadBarePageAsync(
        string incidentId, SpanCursor? after, int most, ShowSpan show, CancellationToken cancellationToken = default) =>
        ReadPageAsync(SelectBareRows, incidentId, after, most, show, cancellationToken);

    private ValueTask<SpanCursor?> ReadPageAsync(
        string sql, string incidentId, SpanCursor? after, int most, ShowSpan show, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(incidentId);
        ArgumentNullException.ThrowIfNull(show);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most);
        return database.ReadAsync(session => ShowPage(session, sql, incidentId, after ?? new SpanCursor(long.MinValue, ""), most, show), cancellationToken);
    }

    // The first run of a million rows must not wait until the runtime has seen that it is a loop.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static SpanCursor? ShowPage(SqliteSession session, string sql, string incidentId, SpanCursor after, int most, ShowSpan show)
    {
        using var reader = session.Prepare(sql, 4).Bind(incidentId).Bind(after.StartTs).Bind(after.SpanId).Bind((long)most).Read();
        if (!reader.Read())
        {
            return null;
        }

        var rows = new SqliteRows(reader);
        for (var row = 1; ; row++)
        {
            Show(rows, show);
            if (row == most)
            {
                return new SpanCursor(reader.GetInt64(3), reader.GetString(0));
            }

            if (!rows.Read())
            {
                return null;
            }
        }
    }

    // The bytes lie in SQLite's own memory until the next row is read.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Show(SqliteRows row, ShowSpan show)
    {
        var parent = row.GetText(1, out var hasParent);
        var args = row.GetText(5, out var hasArgs);
        var result = row.GetText(6, out var hasResult);
        show(new SpanRow
        {
            SpanId = row.GetText(0),
            HasParent = hasParent,
            ParentId = parent,
            Tool = row.GetText(2),
            StartTs = row.GetNumber(3),
            EndTs = row.GetNumber(4),
            HasArgs = hasArgs,
            ArgsDigest = args,
            HasResult = hasResult,
            ResultDigest = result,
            Attributes = row.GetText(7),
        });
    }
}
