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

/// <summary>Two runs side by side, and which good run to put beside one that failed.</summary>
internal static class CompareEndpoints
{
    private const int MaxIdLength = 512;

    public static void MapCompare(this IEndpointRouteBuilder api, RequestLimits limits)
    {
        var group = api.MapGroup("").WithTags("reading");
        group.MapPost("/rca/compare", CompareAsync)
            .WithName("rca_compare")
            .WithSummary("Holds two runs against each other: where they first part, and what differs step by step.")
            .WithMetadata(new BodyLimit(limits.JsonBody))
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.Json)
            .Fails(400, 404, 413, 415, 422, 503);
        group.MapGet("/incidents/{id}/good-runs", ListGoodRunsAsync)
            .WithName("rca_list_good_runs")
            .WithSummary("Good runs of the agent of an incident, to compare with; the nearest in time first.")
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.Json)
            .Fails(400, 404, 503);
        group.OnlyMethods("/rca/compare", "POST");
        group.OnlyMethods("/incidents/{id}/good-runs", "GET");
    }

    private static async Task<Results<JsonHttpResult<RunComparison>, ApiProblem>> CompareAsync(
        HttpContext context, IRunReader reader, CancellationToken cancellationToken)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(context.Request, optional: false, cancellationToken).ConfigureAwait(false);
        if (body is null)
        {
            return unreadable!;
        }

        var (left, right) = (body.Text("left", MaxIdLength, required: true), body.Text("right", MaxIdLength, required: true));
        if (body.Problem is { } problem)
        {
            return problem;
        }

        var query = new CompareQuery { Left = left!, Right = right!, Mask = HttpSettings.Of(context).MaskPreviews };
        return await reader.CompareAsync(query, cancellationToken).ConfigureAwait(false) switch
        {
            CompareOutcome.Found found => JsonAnswer.Ok(found.Comparison, ReadingJson.Comparison),
            CompareOutcome.RunNotFound missing => ApiProblem.At(ProblemKind.NotFound, missing.IsLeft ? "/left" : "/right", missing.Reason),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of comparing runs."),
        };
    }

    private static async Task<Results<JsonHttpResult<IReadOnlyList<GoodRun>>, ApiProblem>> ListGoodRunsAsync(
        string id, IRunReader reader, CancellationToken cancellationToken)
    {
        if (IncidentPath.Read(id, out var incidentId) is { } problem)
        {
            return problem;
        }

        return await reader.FindGoodRunsAsync(incidentId, cancellationToken).ConfigureAwait(false) switch
        {
            GoodRunsOutcome.Found found => JsonAnswer.Ok(found.Runs, ReadingJson.GoodRuns),
            GoodRunsOutcome.IncidentNotFound missing => ApiProblem.IncidentNotFound(missing.IncidentId),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of looking for good runs."),
        };
    }
}
