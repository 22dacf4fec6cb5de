using AgentOps.Rca.AspNetCore.Incidents;
using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Reading;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore.Reading;

/// <summary>A run as it is drawn.</summary>
internal static class TimelineEndpoints
{
    private const int DefaultPx = 1_000;
    private const int MaxPx = 4_000;
    private const int DefaultRows = 200;
    private const int MaxRows = 1_000;

    public static void MapTimeline(this IEndpointRouteBuilder api)
    {
        api.MapGet("/incidents/{id}/timeline", GetAsync)
            .WithTags("reading")
            .WithName("rca_get_timeline")
            .WithSummary("A piece of a run as it is drawn: a summary for each lane and pixel in which failures survive, and rows of the tree of calls.")
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.Json)
            .Fails(400, 404, 503);
        api.OnlyMethods("/incidents/{id}/timeline", "GET");
    }

    private static async Task<Results<JsonHttpResult<RunTimeline>, ApiProblem>> GetAsync(
        string id, HttpContext context, IRunReader reader, CancellationToken cancellationToken)
    {
        var values = new QueryValues(context.Request.Query);
        var (from, to) = (values.Instant("from"), values.Instant("to"));
        var (px, rows, row) = (values.Whole("px", least: 1, MaxPx) ?? DefaultPx, values.Whole("rows", least: 0, MaxRows) ?? DefaultRows, values.Whole("row", least: 0) ?? 0);
        var at = values.Text("at", maxLength: 1_024);
        if (at is not null && row > 0)
        {
            values.Fail("at", "It cannot be given with a row.");
        }

        if (from >= to)
        {
            values.Fail("to", "It must be later than from.");
        }

        if ((IncidentPath.Read(id, out var incidentId) ?? values.Problem) is { } problem)
        {
            return problem;
        }

        var query = new TimelineQuery { IncidentId = incidentId, From = from, To = to, Px = px, Row = row, At = at, Rows = rows };
        return await reader.ReadTimelineAsync(query, cancellationToken).ConfigureAwait(false) switch
        {
            TimelineOutcome.Found found => JsonAnswer.Ok(found.Timeline, ReadingJson.Timeline),
            TimelineOutcome.IncidentNotFound missing => ApiProblem.IncidentNotFound(missing.IncidentId),
            TimelineOutcome.SpanNotFound missing => ApiProblem.At(ProblemKind.NotFound, "at", $"The incident has no span {missing.SpanId}."),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of reading a timeline."),
        };
    }
}
