using System.Runtime.CompilerServices;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Sqlite;

internal sealed partial class SqliteSpanStore : ISpanLinker, ISpanRetention
{
    internal const string SelectTrace = $"{Select} WHERE span_id >= ?1 AND span_id < ?2 ORDER BY span_id LIMIT ?3";

    internal const string DeleteOldest =
        "DELETE FROM spans WHERE rowid IN (SELECT rowid FROM spans WHERE incident_id IS NULL AND start_ts >= ?1 AND start_ts < ?2 ORDER BY start_ts, span_id LIMIT ?3)";

    private const string Link = "UPDATE spans SET incident_id = ?2 WHERE span_id = ?1 AND incident_id IS NULL";

    /// <inheritdoc/>
    public async IAsyncEnumerable<Span> ListTraceAsync(
        string traceId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(traceId);
        var (from, to) = (traceId + ":", traceId + ";");
        while (true)
        {
            var start = from;
            var page = await database.ReadAsync(session => ReadTrace(session, start, to), cancellationToken).ConfigureAwait(false);
            foreach (var span in page.Items)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return span;
            }

            if (page.IsLast)
            {
                yield break;
            }

            // The text that comes directly after an id is the id with U+0001 at its end: U+0000 is in none.
            from = page.Items[^1].SpanId + '\u0001';
        }
    }

    /// <inheritdoc/>
    public async ValueTask<SpanLinkResult> LinkAsync(
        string incidentId, IReadOnlyCollection<string> spanIds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(incidentId);
        ArgumentNullException.ThrowIfNull(spanIds);
        cancellationToken.ThrowIfCancellationRequested();
        var total = SpanLinkResult.Empty;
        foreach (var ids in spanIds.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Chunk(PageRows))
        {
            total = total.Plus(await database.WriteAsync(session => LinkBatch(session, incidentId, ids), ids.Length, cancellationToken).ConfigureAwait(false));
        }

        return total;
    }

    /// <inheritdoc/>
    public ValueTask<int> DeleteBaselineAsync(long fromTs, long toTs, int limit, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session => session.Prepare(DeleteOldest, 3).Bind(fromTs).Bind(toTs).Bind((long)limit).Run(), limit, cancellationToken);

    private static SqlitePage<Span> ReadTrace(SqliteSession session, string from, string to)
    {
        using var reader = session.Prepare(SelectTrace, 3).Bind(from).Bind(to).Bind((long)PageRows).Read();
        return ReadPage(reader, PageRows);
    }

    private static SpanLinkResult LinkBatch(SqliteSession session, string incidentId, string[] ids)
    {
        var linked = 0;
        var already = 0;
        List<string> conflicts = [];
        List<string> unknown = [];
        foreach (var id in ids)
        {
            if (session.Prepare(Link, 2).Bind(id).Bind(incidentId).Run() == 1)
            {
                linked++;
            }
            else if (Find(session, id) is not { } stored)
            {
                unknown.Add(id);
            }
            else if (stored.IncidentId == incidentId)
            {
                already++;
            }
            else
            {
                conflicts.Add(id);
            }
        }

        return new SpanLinkResult(linked, already, conflicts, unknown);
    }
}
