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
        string id, HttpContext context, IIncidentStore incidents, ISpanLinking linking, CancellationToken cancellationToken)
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

        var traces = body.Texts("trace_ids", SpanLinkingLimits.Traces, SpanLinkingLimits.IdLength);
        var spans = body.Texts("span_ids", SpanLinkingLimits.Spans, SpanLinkingLimits.IdLength);
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

        var result = await linking.LinkAsync(incidentId, traces, spans, cancellationToken).ConfigureAwait(false);
        return result.Conflicts.Count > 0
            ? new ApiProblem(
                ProblemKind.Conflict,
                string.Create(CultureInfo.InvariantCulture, $"{result.ConflictCount} span(s) belong to another incident, which stays. The others are linked."))
            {
                Extensions = json => WriteCounts(json, result),
            }
            : JsonAnswer.Ok(
                new LinkedSpansResponse("ok", result.Linked, result.AlreadyLinked, result.UnknownSpans, result.UnknownTraces),
                IncidentsJsonContext.Default.LinkedSpansResponse);
    }

    private static void WriteCounts(Utf8JsonWriter json, SpanLinkingResult result)
    {
        json.WriteNumber("linked", result.Linked);
        json.WriteNumber("already_linked", result.AlreadyLinked);
        json.WriteNumber("conflict_count", result.ConflictCount);
        json.WriteStartArray("conflicts");
        foreach (var spanId in result.Conflicts)
        {
            json.WriteStringValue(spanId);
        }

        json.WriteEndArray();
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
