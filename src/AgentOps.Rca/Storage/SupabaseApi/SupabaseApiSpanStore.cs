using System.Runtime.CompilerServices;
using System.Text;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.Supabase;

namespace AgentOps.Rca.Storage.SupabaseApi;

/// <summary>Spans through the Data API.</summary>
internal sealed partial class SupabaseApiSpanStore(SupabaseApiClient client) : ISpanStore
{
    // The server cuts answers at 1,000 rows without a word.
    private const int PageSize = 1_000;

    // PostgREST repeats the URL in a header of its reply, and a proxy with nginx's defaults answers 502 when that exceeds 4 KiB.
    private const int MaxIdsLength = 2_000;

    private const string Select = "select=span_id,parent_id,tool,start_ts,end_ts,args_digest,result_digest,attributes,incident_id";

    public async ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spans);
        var total = SpanWriteResult.Empty;
        foreach (var batch in SpanBatch.Split(spans, PageSize))
        {
            var result = await AddBatchAsync(batch, cancellationToken);
            total = new SpanWriteResult(
                total.Added + result.Added, total.Duplicates + result.Duplicates, [.. total.Conflicts, .. result.Conflicts]);
        }

        return total;
    }

    public async ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spanId);
        var rows = await client.GetAsync($"spans?span_id=eq.{ApiFilter.Value(spanId)}&{Select}", cancellationToken);
        return rows.GetArrayLength() == 0 ? null : ApiRows.ReadSpan(rows[0]);
    }

    public async IAsyncEnumerable<Span> ListAsync(SpanQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var left = query.Limit ?? int.MaxValue;
        while (left > 0)
        {
            var rows = await client.GetAsync(BuildPage(query, Math.Min(left, PageSize)), cancellationToken);
            // A page may be shorter than asked for because the server cuts it; only an empty one proves that there is no more.
            if (rows.GetArrayLength() == 0)
            {
                yield break;
            }

            foreach (var row in rows.EnumerateArray())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var span = ApiRows.ReadSpan(row);
                query = query with { After = new SpanCursor(span.StartTs, span.SpanId) };
                yield return span;
            }

            left -= rows.GetArrayLength();
        }
    }

    private static string BuildPage(SpanQuery query, int size)
    {
        var path = new StringBuilder("spans?").Append(Select).Append("&order=start_ts.asc,span_id.asc&limit=").Append(ApiFilter.Number(size));
        if (query.IncidentId is { } incidentId)
        {
            path.Append("&incident_id=eq.").Append(ApiFilter.Value(incidentId));
        }
        else if (query.WithoutIncident)
        {
            path.Append("&incident_id=is.null");
        }

        if (query.Tool is { } tool)
        {
            path.Append("&tool=eq.").Append(ApiFilter.Value(tool));
        }

        if (query.FromTs is { } from)
        {
            path.Append("&start_ts=gte.").Append(ApiFilter.Number(from));
        }

        if (query.ToTs is { } to)
        {
            path.Append("&start_ts=lt.").Append(ApiFilter.Number(to));
        }

        if (query.IsEvidence is { } isEvidence)
        {
            // Spelled in the order of the index agentops_spans_findings.
            path.Append(isEvidence
                ? "&tool=not.like.rca.*&tool=not.like.human.*&tool=neq.llm.call%2Frca"
                : "&or=(tool.like.%22rca.*%22,tool.like.%22human.*%22,tool.eq.%22llm.call%2Frca%22)");
        }

        if (query.After is { } after)
        {
            var start = ApiFilter.Number(after.StartTs);
            // The plain bound is what an index can begin at; the other one settles spans that start together.
            path.Append("&start_ts=gte.").Append(start)
                .Append("&or=(start_ts.gt.").Append(start).Append(",span_id.gt.").Append(ApiFilter.Quoted(after.SpanId)).Append(')');
        }

        return path.ToString();
    }

    private async ValueTask<SpanWriteResult> AddBatchAsync(SpanBatch batch, CancellationToken cancellationToken)
    {
        var body = ApiRows.Write(writer =>
        {
            writer.WriteStartArray();
            foreach (var span in batch.Distinct)
            {
                ApiRows.Write(writer, span);
            }

            writer.WriteEndArray();
        });
        var inserted = await client.InsertAsync("spans?on_conflict=span_id&select=span_id", body, cancellationToken);
        var added = inserted.GetArrayLength();
        if (added == batch.Spans.Count)
        {
            return new SpanWriteResult(added, 0, []);
        }

        Dictionary<string, Span> stored = new(batch.Distinct.Count, StringComparer.Ordinal);
        var fresh = inserted.EnumerateArray().Select(row => row.GetProperty("span_id").GetString()!).ToHashSet(StringComparer.Ordinal);
        foreach (var span in batch.Distinct.Where(span => fresh.Contains(span.SpanId)))
        {
            stored.Add(span.SpanId, span);
        }

        var missing = batch.Distinct.Where(span => !stored.ContainsKey(span.SpanId)).Select(span => span.SpanId).ToArray();
        foreach (var filter in Lists(missing))
        {
            var rows = await client.GetAsync($"spans?span_id=in.({filter})&{Select}", cancellationToken);
            foreach (var row in rows.EnumerateArray())
            {
                var span = ApiRows.ReadSpan(row);
                stored[span.SpanId] = span;
            }
        }

        return batch.Compare(added, id => stored.GetValueOrDefault(id) ?? throw SupabaseIncidentStore.HiddenRows("spans"));
    }

    private static IEnumerable<string> Lists(IEnumerable<string> ids)
    {
        var list = new StringBuilder();
        foreach (var id in ids.Select(ApiFilter.Quoted))
        {
            if (list.Length > 0 && list.Length + id.Length > MaxIdsLength)
            {
                yield return list.ToString();
                list.Clear();
            }

            list.Append(list.Length == 0 ? "" : ",").Append(id);
        }

        if (list.Length > 0)
        {
            yield return list.ToString();
        }
    }
}
