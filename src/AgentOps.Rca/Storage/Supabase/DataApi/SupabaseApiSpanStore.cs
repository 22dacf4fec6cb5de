using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.Supabase.Postgres;

namespace AgentOps.Rca.Storage.Supabase.DataApi;

/// <summary>Spans through the Data API.</summary>
internal sealed partial class SupabaseApiSpanStore(SupabaseApiClient client) : ISpanStore
{
    // The server cuts answers at 1,000 rows without a word.
    private const int PageSize = 1_000;

    // Quoted ids of so many incidents and the filter fit into a header.
    private const int FindingIncidents = 40;
    private const int LongestIncident = 48;

    // Spelled in the order of the index agentops_spans_findings.
    private const string IsFinding = "&or=(tool.like.%22rca.*%22,tool.like.%22human.*%22,tool.eq.%22llm.call%2Frca%22)";

    private const string SelectBare = "select=span_id,parent_id,tool,start_ts,end_ts,args_digest,result_digest,incident_id";
    private const string Select = SelectBare + ",attributes";

    private static readonly ApiLookup ById = new("spans", "span_id", "agentops_spans", "span_ids", Select);

    public async ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default)
    {
        RecordRules.Require(spans);
        var total = SpanWriteResult.Empty;
        foreach (var batch in SpanBatch.Split(spans, PageSize))
        {
            var result = await AddBatchAsync(batch, cancellationToken).ConfigureAwait(false);
            total = new SpanWriteResult(
                total.Added + result.Added, total.Duplicates + result.Duplicates, [.. total.Conflicts, .. result.Conflicts]);
        }

        return total;
    }

    public async ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spanId);
        await foreach (var row in ById.FindAsync(client, [spanId], cancellationToken).ConfigureAwait(false))
        {
            return ApiRows.ReadSpan(row);
        }

        return null;
    }

    public async IAsyncEnumerable<Span> FindAsync(
        IReadOnlyCollection<string> spanIds, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spanIds);
        await foreach (var row in ById.FindAsync(client, spanIds.Distinct(StringComparer.Ordinal), cancellationToken).ConfigureAwait(false))
        {
            yield return ApiRows.ReadSpan(row);
        }
    }

    public async IAsyncEnumerable<Span> ListFindingsAsync(
        IReadOnlyCollection<string> incidentIds, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(incidentIds);
        // An id is 36 characters; one that is much longer has no room beside others.
        foreach (var id in incidentIds.Where(static id => ApiFilter.CostInHeader(id) > LongestIncident).Distinct(StringComparer.Ordinal))
        {
            await foreach (var span in ListAsync(new SpanQuery { IncidentId = id, IsEvidence = false }, cancellationToken).ConfigureAwait(false))
            {
                yield return span;
            }
        }

        foreach (var batch in incidentIds.Where(static id => ApiFilter.CostInHeader(id) <= LongestIncident).Distinct(StringComparer.Ordinal).Chunk(FindingIncidents))
        {
            var path = $"spans?{Select}&incident_id=in.({string.Join(',', batch.Select(ApiFilter.Quoted))}){IsFinding}&order=incident_id.asc,start_ts.asc,span_id.asc&limit={PageSize}&offset=";
            for (var (offset, length) = (0, 1); length > 0; offset += length)
            {
                // A page may be shorter than asked for because the server cuts it; only an empty one proves that there is no more.
                using var rows = await client.GetAsync(path + ApiFilter.Number(offset), cancellationToken).ConfigureAwait(false);
                length = rows.RootElement.GetArrayLength();
                foreach (var row in rows.RootElement.EnumerateArray())
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return ApiRows.ReadSpan(row);
                }
            }
        }
    }

    public async ValueTask<long> CountAsync(string incidentId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(incidentId);
        if (!client.MayCallFunctions)
        {
            return await CountRowsAsync(incidentId, cancellationToken).ConfigureAwait(false);
        }

        var body = ApiBody.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("incident", incidentId);
            writer.WriteEndObject();
        });
        using var count = await client.CallAsync("rpc/agentops_span_count", body, cancellationToken).ConfigureAwait(false);
        return count.RootElement.GetInt64();
    }

    public async IAsyncEnumerable<Span> ListAsync(SpanQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var left = query.Limit ?? int.MaxValue;
        var offset = 0;
        while (left > 0)
        {
            using var rows = await ReadPageAsync(query, Math.Min(left, PageSize), offset, cancellationToken).ConfigureAwait(false);
            // A page may be shorter than asked for because the server cuts it; only an empty one proves that there is no more.
            if (rows.RootElement.GetArrayLength() == 0)
            {
                yield break;
            }

            var after = query.After;
            foreach (var row in rows.RootElement.EnumerateArray())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var span = ApiRows.ReadSpan(row);
                // The beginning of a long id leads to a place before it.
                if (after is { } place && !IsBehind(span, place))
                {
                    continue;
                }

                query = query with { After = new SpanCursor(span.StartTs, span.SpanId) };
                // A text too long for a header was only filtered by its beginning.
                if ((query.IncidentId ?? span.IncidentId) == span.IncidentId && (query.Tool ?? span.Tool) == span.Tool && left > 0)
                {
                    left--;
                    yield return span;
                }
            }

            // As long as the ids begin alike, the place in the URL stays where it is.
            offset = !IsByFunction(query) && BeginningOf(query.After) is { } now && now == BeginningOf(after) ? offset + rows.RootElement.GetArrayLength() : 0;
        }
    }

    private bool IsByFunction(SpanQuery query) => client.MayCallFunctions && query.IsWholeIncident;

    // A function of the migrations reads the spans of an incident in their order, whatever the server knows of the incident.
    private Task<JsonDocument> ReadPageAsync(SpanQuery query, int size, int offset, CancellationToken cancellationToken)
    {
        if (!IsByFunction(query))
        {
            return client.GetAsync(BuildPage(query, size, offset), cancellationToken);
        }

        var body = ApiBody.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("incident", query.IncidentId);
            writer.WriteNumber("after_ts", query.After?.StartTs ?? long.MinValue);
            writer.WriteString("after_id", query.After?.SpanId ?? "");
            writer.WriteNumber("most", size);
            writer.WriteBoolean("evidence_only", query.IsEvidence == true);
            writer.WriteBoolean("bare", query.WithoutAttributes);
            writer.WriteEndObject();
        });
        return client.CallAsync($"rpc/agentops_span_page?{(query.WithoutAttributes ? SelectBare : Select)}", body, cancellationToken);
    }

    private static (long StartTs, string Beginning)? BeginningOf(SpanCursor? place) =>
        place is { } found && ApiFilter.Beginning(found.SpanId) is var beginning && beginning.Length < found.SpanId.Length
            ? (found.StartTs, beginning)
            : null;

    private static bool IsBehind(Span span, SpanCursor place) =>
        span.StartTs != place.StartTs
        || Encoding.UTF8.GetBytes(span.SpanId).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(place.SpanId)) > 0;

    private static string BuildPage(SpanQuery query, int size, int offset)
    {
        var path = new StringBuilder("spans?").Append(query.WithoutAttributes ? SelectBare : Select).Append("&order=start_ts.asc,span_id.asc&limit=").Append(ApiFilter.Number(size));
        if (query.IncidentId is { } incidentId)
        {
            path.Append('&').Append(ApiFilter.IsEqual("incident_id", incidentId));
        }
        else if (query.WithoutIncident)
        {
            path.Append("&incident_id=is.null");
        }

        if (query.Tool is { } tool)
        {
            path.Append('&').Append(ApiFilter.IsEqual("tool", tool));
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
            path.Append(isEvidence
                ? "&tool=not.like.rca.*&tool=not.like.human.*&tool=neq.llm.call%2Frca"
                : IsFinding);
        }

        if (query.After is { } after)
        {
            var start = ApiFilter.Number(after.StartTs);
            var beginning = ApiFilter.Beginning(after.SpanId);
            // The plain bound is what an index can begin at; the other one settles spans that start together.
            path.Append("&start_ts=gte.").Append(start).Append("&or=(start_ts.gt.").Append(start)
                .Append(beginning.Length == after.SpanId.Length ? ",span_id.gt." : ",span_id.gte.").Append(ApiFilter.Quoted(beginning)).Append(')');
        }

        return offset == 0 ? path.ToString() : path.Append("&offset=").Append(ApiFilter.Number(offset)).ToString();
    }

    // Another key may not call the function: it sees the rows that it may see.
    private async ValueTask<long> CountRowsAsync(string incidentId, CancellationToken cancellationToken)
    {
        var count = 0L;
        await foreach (var _ in ListAsync(new SpanQuery { IncidentId = incidentId, WithoutAttributes = true }, cancellationToken).ConfigureAwait(false))
        {
            count++;
        }

        return count;
    }

    private async ValueTask<SpanWriteResult> AddBatchAsync(SpanBatch batch, CancellationToken cancellationToken)
    {
        var body = ApiBody.Write(writer =>
        {
            writer.WriteStartArray();
            foreach (var span in batch.Distinct)
            {
                ApiRows.Write(writer, span);
            }

            writer.WriteEndArray();
        });
        using var inserted = await client.InsertAsync("spans?on_conflict=span_id&select=span_id", body, cancellationToken).ConfigureAwait(false);
        var added = inserted.RootElement.GetArrayLength();
        if (added == batch.Spans.Count)
        {
            return new SpanWriteResult(added, 0, []);
        }

        Dictionary<string, Span> stored = new(batch.Distinct.Count, StringComparer.Ordinal);
        var fresh = inserted.RootElement.EnumerateArray().Select(row => row.GetProperty("span_id").GetString()!).ToHashSet(StringComparer.Ordinal);
        foreach (var span in batch.Distinct.Where(span => fresh.Contains(span.SpanId)))
        {
            stored.Add(span.SpanId, span);
        }

        var missing = batch.Distinct.Where(span => !stored.ContainsKey(span.SpanId)).Select(span => span.SpanId).ToArray();
        await foreach (var row in ById.FindAsync(client, missing, cancellationToken).ConfigureAwait(false))
        {
            var span = ApiRows.ReadSpan(row);
            stored[span.SpanId] = span;
        }

        return batch.Compare(added, id => stored.GetValueOrDefault(id) ?? throw SupabaseIncidentStore.HiddenRows("spans"));
    }
}
