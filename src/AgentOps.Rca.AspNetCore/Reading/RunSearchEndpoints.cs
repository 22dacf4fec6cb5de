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

/// <summary>Calls of a run: which fit a text, and one of them whole.</summary>
internal static class RunSearchEndpoints
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;

    public static void MapRunSearch(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/incidents/{id}").WithTags("reading");
        group.MapGet("/search", SearchAsync)
            .WithName("rca_search_run")
            .WithSummary("Calls of the run behind an incident, by words of their names, agents, services and ids.")
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.Json)
            .Fails(400, 404, 503);
        group.MapGet("/span", GetAsync)
            .WithName("rca_get_run_span")
            .WithSummary("One call of the run, whether it is a step of an agent or not: what its span records.")
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.Json)
            .Fails(400, 404, 503);
        group.OnlyMethods("/search", "GET");
        group.OnlyMethods("/span", "GET");
    }

    private static async Task<Results<JsonHttpResult<RunSearchResult>, ApiProblem>> SearchAsync(
        string id, HttpContext context, IRunReader reader, CancellationToken cancellationToken)
    {
        var values = new QueryValues(context.Request.Query);
        var (text, limit, skip) = (values.Text("q"), values.Limit(DefaultLimit, MaxLimit), values.Whole("skip", least: 0) ?? 0);
        if (string.IsNullOrWhiteSpace(text))
        {
            values.Fail("q", "Say what is looked for: words of the names, agents, services or ids of calls.");
        }

        if ((IncidentPath.Read(id, out var incidentId) ?? values.Problem) is { } problem)
        {
            return problem;
        }

        var query = new RunSearchQuery { IncidentId = incidentId, Text = text!, Limit = limit, Skip = skip };
        return await reader.SearchAsync(query, cancellationToken).ConfigureAwait(false) switch
        {
            RunSearchOutcome.Found found => JsonAnswer.Ok(found.Result, ReadingJson.Search),
            RunSearchOutcome.IncidentNotFound missing => ApiProblem.IncidentNotFound(missing.IncidentId),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of searching a run."),
        };
    }

    private static async Task<Results<JsonHttpResult<RunSpan>, ApiProblem>> GetAsync(
        string id, HttpContext context, IRunReader reader, CancellationToken cancellationToken)
    {
        var values = new QueryValues(context.Request.Query);
        var (span, most) = (values.Text("id", maxLength: 1_024), values.Whole("text", least: 1, TextPreviews.Longest) ?? TextPreviews.Usual);
        if (span is null)
        {
            values.Fail("id", "Name the span: its id in the timeline or the listing of spans.");
        }

        if ((IncidentPath.Read(id, out var incidentId) ?? values.Problem) is { } problem)
        {
            return problem;
        }

        var query = new RunSpanQuery { IncidentId = incidentId, SpanId = span!, MostText = most, Mask = HttpSettings.Of(context).MaskPreviews };
        return await reader.ReadSpanAsync(query, cancellationToken).ConfigureAwait(false) switch
        {
            RunSpanOutcome.Found found => JsonAnswer.Ok(found.Span, ReadingJson.Span),
            RunSpanOutcome.IncidentNotFound missing => ApiProblem.IncidentNotFound(missing.IncidentId),
            RunSpanOutcome.SpanNotFound missing => ApiProblem.At(ProblemKind.NotFound, "id", $"The incident has no span {missing.SpanId}."),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of reading a call."),
        };
    }
}
