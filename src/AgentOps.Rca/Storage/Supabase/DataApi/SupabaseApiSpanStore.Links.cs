using System.Runtime.CompilerServices;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Storage.Supabase.DataApi;

internal sealed partial class SupabaseApiSpanStore : ISpanLinker, ISpanRetention
{
    private static readonly ApiLookup IncidentById = new("spans", "span_id", "agentops_spans", "span_ids", "select=span_id,incident_id");

    public async IAsyncEnumerable<Span> ListTraceAsync(
        string traceId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(traceId);
        var (from, to) = SpanLinks.RangeOf(traceId);
        var range = $"spans?{Select}&order=span_id.asc&limit={ApiFilter.Number(PageSize)}&span_id=gte.{ApiFilter.Value(from)}&span_id=lt.{ApiFilter.Value(to)}";
        var place = "";
        while (true)
        {
            using var rows = await client.GetAsync(range + place, cancellationToken).ConfigureAwait(false);
            if (rows.RootElement.GetArrayLength() == 0)
            {
                yield break;
            }

            var last = "";
            foreach (var row in rows.RootElement.EnumerateArray())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var span = ApiRows.ReadSpan(row);
                last = span.SpanId;
                yield return span;
            }

            place = $"&span_id=gt.{ApiFilter.Value(last)}";
        }
    }

    public async ValueTask<SpanLinkResult> LinkAsync(
        string incidentId, IReadOnlyCollection<string> spanIds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(incidentId);
        ArgumentNullException.ThrowIfNull(spanIds);
        cancellationToken.ThrowIfCancellationRequested();
        var linked = 0;
        Dictionary<string, string?> stored = new(StringComparer.Ordinal);
        string[] ids = [.. SpanLinks.Split(spanIds).SelectMany(static batch => batch)];
        foreach (var list in ApiLookup.Lists(ids))
        {
            var filter = ApiLookup.Filter(list);
            var body = ApiBody.Write(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("incident_id", incidentId);
                writer.WriteEndObject();
            });
            using var changed = await client.UpdateAsync(
                $"spans?span_id=in.({filter})&incident_id=is.null&select=span_id", body, once: false, cancellationToken).ConfigureAwait(false);
            linked += changed.RootElement.GetArrayLength();
        }

        await foreach (var row in IncidentById.FindAsync(client, ids, cancellationToken).ConfigureAwait(false))
        {
            stored[ApiRows.Text(row, "span_id")!] = ApiRows.Text(row, "incident_id");
        }

        return SpanLinks.Sum(incidentId, ids, linked, stored);
    }

    public async ValueTask<int> DeleteBaselineAsync(long fromTs, long toTs, int limit, CancellationToken cancellationToken = default)
    {
        // The Data API deletes by filters alone, so the ids are read first; the filter keeps those that were linked meanwhile.
        using var rows = await client.GetAsync(
            $"spans?select=span_id&incident_id=is.null&start_ts=gte.{ApiFilter.Number(fromTs)}&start_ts=lt.{ApiFilter.Number(toTs)}"
            + $"&order=start_ts.asc,span_id.asc&limit={ApiFilter.Number(Math.Min(limit, PageSize))}",
            cancellationToken).ConfigureAwait(false);
        var deleted = 0;
        foreach (var list in ApiLookup.Lists(rows.RootElement.EnumerateArray().Select(static row => ApiRows.Text(row, "span_id")!)))
        {
            var filter = ApiLookup.Filter(list);
            using var gone = await client.TakeAsync($"spans?span_id=in.({filter})&incident_id=is.null&select=span_id", cancellationToken).ConfigureAwait(false);
            deleted += gone.RootElement.GetArrayLength();
        }

        return deleted;
    }
}
