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

/// <summary>What agents did, as a list of steps and step by step.</summary>
internal static class RunStepsEndpoints
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 500;

    public static void MapRunSteps(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/incidents/{id}").WithTags("reading");
        group.MapGet("/steps", ListAsync)
            .WithName("rca_list_steps")
            .WithSummary("The steps of the agents behind an incident, in the order in which they began.")
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.Json)
            .Fails(400, 404, 503);
        group.MapGet("/step", GetAsync)
            .WithName("rca_get_step")
            .WithSummary("One step whole: long texts, the definitions of the tools, the span's attributes.")
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.Json)
            .Fails(400, 404, 503);
        group.OnlyMethods("/steps", "GET");
        group.OnlyMethods("/step", "GET");
    }

    private static async Task<Results<JsonHttpResult<RunStepsPage>, ApiProblem>> ListAsync(
        string id, HttpContext context, IRunReader reader, CancellationToken cancellationToken)
    {
        var values = new QueryValues(context.Request.Query);
        var (limit, after, at) = (values.Limit(DefaultLimit, MaxLimit), values.Cursor(RunStepCursorText.Read), values.Text("at"));
        if (after is not null && at is not null)
        {
            values.Fail("at", "It cannot be given with a cursor.");
        }

        if ((IncidentPath.Read(id, out var incidentId) ?? values.Problem) is { } problem)
        {
            return problem;
        }

        var query = new RunStepsQuery { IncidentId = incidentId, After = after, At = at, Limit = limit, Mask = HttpSettings.Of(context).MaskPreviews };
        switch (await reader.ReadStepsAsync(query, cancellationToken).ConfigureAwait(false))
        {
            case RunStepsOutcome.Found found:
                if (found.Page.Next is { } next)
                {
                    PageLink.AddNext(context, RunStepCursorText.Write(next));
                }

                return JsonAnswer.Ok(found.Page, ReadingJson.Steps);
            case RunStepsOutcome.IncidentNotFound missing:
                return ApiProblem.IncidentNotFound(missing.IncidentId);
            case RunStepsOutcome.SpanNotFound missing:
                return ApiProblem.At(ProblemKind.NotFound, "at", $"The incident has no span {missing.SpanId}, or it is part of no step of an agent.");
            case var outcome:
                throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of reading steps.");
        }
    }

    private static async Task<Results<JsonHttpResult<RunStepDetail>, ApiProblem>> GetAsync(
        string id, HttpContext context, IRunReader reader, CancellationToken cancellationToken)
    {
        var values = new QueryValues(context.Request.Query);
        var (step, most) = (values.Text("id", maxLength: 1_024), values.Whole("text", least: 1, TextPreviews.Longest) ?? TextPreviews.Usual);
        if (step is null)
        {
            values.Fail("id", "Name the step: its id in the list of steps, or the id of a span.");
        }

        if ((IncidentPath.Read(id, out var incidentId) ?? values.Problem) is { } problem)
        {
            return problem;
        }

        var query = new RunStepQuery { IncidentId = incidentId, StepId = step!, MostText = most, Mask = HttpSettings.Of(context).MaskPreviews };
        return await reader.ReadStepAsync(query, cancellationToken).ConfigureAwait(false) switch
        {
            RunStepOutcome.Found found => JsonAnswer.Ok(found.Step, ReadingJson.Step),
            RunStepOutcome.IncidentNotFound missing => ApiProblem.IncidentNotFound(missing.IncidentId),
            RunStepOutcome.StepNotFound missing => ApiProblem.At(ProblemKind.NotFound, "id", $"The incident has no step {missing.StepId}, and no span of this id that is part of one."),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of reading a step."),
        };
    }
}
