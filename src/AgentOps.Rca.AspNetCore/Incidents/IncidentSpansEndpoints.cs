using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore.Incidents;

/// <summary>Gives spans that came without an incident their incident.</summary>
internal static class IncidentSpansEndpoints
{
    private const int MostTraces = 1_000;
    private const int MostSpans = 50_000;
    private const int MostNamed = 1_000;
    private const int LongestId = 256;
    private const int BatchSize = 1_000;

    public static void MapIncidentSpans(this IEndpointRouteBuilder api, RequestLimits limits)
    {
        var group = api.MapGroup("/incidents").WithTags("incidents");
        group.MapPost("/{id}/spans", LinkAsync)
            .WithName("rca_link_spans")
            .WithSummary("Links spans to an incident, by trace ids or span ids.")
            .WithMetadata(new BodyLimit(limits.JsonBody))
            .Produces<LinkedSpansResponse>()
            .Fails(400, 404, 409, 413, 415, 422, 501, 503);
        group.OnlyMethods("/{id}/spans", "POST");
    }

    private static async Task<Results<JsonHttpResult<LinkedSpansResponse>, ApiProblem>> LinkAsync(
        string id, HttpContext context, IIncidentStore incidents, ISpanLinker linker, SpanLogLinks logs, CancellationToken cancellationToken)
    {
        if (IncidentPath.Read(id, out var incidentId) is { } problem)
        {
            return problem;
        }

        var (body, unreadable) = await JsonBody.ReadAsync(context.Request, optional: false, cancellationToken).ConfigureAwait(false);
        if (body is null)
        {
            return unreadable!;
        }

        var traces = body.Texts("trace_ids", MostTraces, LongestId);
        var spans = body.Texts("span_ids", MostSpans, LongestId);
        if (body.Problem is null && traces.Count == 0 && spans.Count == 0)
        {
            body.Fail("trace_ids", "Name at least one trace in trace_ids, or one span in span_ids.");
        }

        if (body.Problem is { } wrong)
        {
            return wrong;
        }

        if (await incidents.GetAsync(incidentId, cancellationToken).ConfigureAwait(false) is null)
        {
            return ApiProblem.IncidentNotFound(incidentId);
        }

        var linking = new SpanLinking(linker, logs, incidentId.ToString("D"));
        await linking.AddWithLogsAsync(spans, cancellationToken).ConfigureAwait(false);
        foreach (var trace in traces.Distinct(StringComparer.Ordinal))
        {
            await linking.AddTraceAsync(trace, cancellationToken).ConfigureAwait(false);
        }

        return linking.Conflicts.Count > 0
            ? new ApiProblem(
                ProblemKind.Conflict,
                string.Create(CultureInfo.InvariantCulture, $"{linking.ConflictCount} span(s) belong to another incident, which stays. The others are linked."))
            {
                Extensions = json => WriteCounts(json, linking),
            }
            : JsonAnswer.Ok(
                new LinkedSpansResponse("ok", linking.Linked, linking.AlreadyLinked, linking.UnknownSpans, linking.UnknownTraces),
                IncidentsJsonContext.Default.LinkedSpansResponse);
    }

    private static void WriteCounts(Utf8JsonWriter json, SpanLinking linking)
    {
        json.WriteNumber("linked", linking.Linked);
        json.WriteNumber("already_linked", linking.AlreadyLinked);
        json.WriteNumber("conflict_count", linking.ConflictCount);
        json.WriteStartArray("conflicts");
        linking.Conflicts.ForEach(json.WriteStringValue);
        json.WriteEndArray();
    }

    /// <summary>Adds up what became of the spans. Of the ids, at most <see cref="MostNamed"/> of a kind are kept.</summary>
    private sealed class SpanLinking(ISpanLinker linker, SpanLogLinks logs, string incidentId)
    {
        public long Linked { get; private set; }

        public long AlreadyLinked { get; private set; }

        public long ConflictCount { get; private set; }

        public List<string> Conflicts { get; } = [];

        public List<string> UnknownSpans { get; } = [];

        public List<string> UnknownTraces { get; } = [];

        /// <summary>Links these spans, and then the log records that came before that.</summary>
        public async ValueTask AddWithLogsAsync(IReadOnlyCollection<string> spanIds, CancellationToken cancellationToken)
        {
            if (spanIds.Count == 0)
            {
                return;
            }

            var result = await linker.LinkAsync(incidentId, spanIds, cancellationToken).ConfigureAwait(false);
            Add(result);
            Add(await logs.LinkLogsOfAsync(incidentId, spanIds.Except(result.Conflicts).Except(result.Unknown), cancellationToken).ConfigureAwait(false));
        }

        private async ValueTask AddAsync(List<string> spanIds, CancellationToken cancellationToken)
        {
            if (spanIds.Count > 0)
            {
                Add(await linker.LinkAsync(incidentId, spanIds, cancellationToken).ConfigureAwait(false));
            }
        }

        private void Add(SpanLinkResult result)
        {
            Linked += result.Linked;
            AlreadyLinked += result.AlreadyLinked;
            ConflictCount += result.Conflicts.Count;
            Conflicts.AddRange(result.Conflicts.Take(MostNamed - Conflicts.Count));
            UnknownSpans.AddRange(result.Unknown.Take(MostNamed - UnknownSpans.Count));
        }

        public async ValueTask AddTraceAsync(string traceId, CancellationToken cancellationToken)
        {
            List<string> ids = [];
            var any = false;
            await foreach (var span in linker.ListTraceAsync(traceId, cancellationToken).ConfigureAwait(false))
            {
                any = true;
                ids.Add(span.SpanId);
                if (ids.Count == BatchSize)
                {
                    await AddAsync(ids, cancellationToken).ConfigureAwait(false);
                    ids.Clear();
                }
            }

            await AddAsync(ids, cancellationToken).ConfigureAwait(false);
            if (any)
            {
                await AddLateLogsAsync(traceId, cancellationToken).ConfigureAwait(false);
            }

            if (!any && UnknownTraces.Count < MostNamed)
            {
                UnknownTraces.Add(traceId);
            }
        }

        // A log record that was stored while the trace was read found its call without an incident.
        private async ValueTask AddLateLogsAsync(string traceId, CancellationToken cancellationToken)
        {
            List<string> late = [];
            await foreach (var span in linker.ListTraceAsync(traceId, cancellationToken).ConfigureAwait(false))
            {
                if (span is { Tool: ToolNames.Log, IncidentId: null })
                {
                    late.Add(span.SpanId);
                }
            }

            await AddAsync(late, cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>What became of spans that were to be linked.</summary>
/// <param name="Status">Always <c>ok</c>.</param>
/// <param name="Linked">How many got the incident by this call.</param>
/// <param name="AlreadyLinked">How many had it before.</param>
/// <param name="UnknownSpans">Ids under which no span is stored.</param>
/// <param name="UnknownTraces">Traces of which no span is stored.</param>
internal sealed record LinkedSpansResponse(
    string Status, long Linked, long AlreadyLinked, IReadOnlyList<string> UnknownSpans, IReadOnlyList<string> UnknownTraces);
