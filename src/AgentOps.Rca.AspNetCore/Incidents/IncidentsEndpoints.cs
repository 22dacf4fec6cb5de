using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.AspNetCore.Artifacts;
using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.AspNetCore.Spans;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Reading;
using AgentOps.Rca.Spans;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore.Incidents;

internal static class IncidentsEndpoints
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 500;
    private const string All = "all";
    private const string Overview = "overview";

    public static void MapIncidents(this IEndpointRouteBuilder api, RequestLimits limits)
    {
        var group = api.MapGroup("/incidents").WithTags("incidents");
        group.MapPost("", CreateAsync)
            .WithName("rca_create_incident")
            .WithSummary("Opens an incident.")
            .WithMetadata(new BodyLimit(limits.JsonBody))
            .Produces<IncidentResponse>(StatusCodes.Status201Created)
            .Fails(400, 409, 413, 415, 422, 503);
        group.MapGet("", ListAsync)
            .WithName("rca_list_incidents")
            .WithSummary("Lists incidents, newest first.")
            .Produces<IReadOnlyList<IncidentResponse>>()
            .Fails(400, 503);
        group.MapGet("/{id}", GetAsync)
            .WithName("rca_get_incident")
            .WithSummary("An incident, how much belongs to it, and its latest report in short.")
            .Produces<IncidentDetailResponse>()
            .Fails(400, 404, 503);
        group.MapGet("/{id}/full", GetFullAsync)
            .WithName("rca_get_incident_full")
            .WithSummary("An incident with all its spans and the rows of their artifacts, as a stream.")
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.Json)
            .Fails(400, 404, 503);
        group.OnlyMethods("", "GET, POST");
        group.OnlyMethods("/{id}", "GET");
        group.OnlyMethods("/{id}/full", "GET");
    }

    private static async Task<Results<JsonHttpResult<IncidentResponse>, LargeIncidentsAnswer, ApiProblem>> CreateAsync(
        HttpContext context, IIncidentOpener opener, CancellationToken cancellationToken)
    {
        var key = IdempotencyHeader.Read(context.Request, out var problem);
        if (problem is not null)
        {
            return problem;
        }

        var (body, unreadable) = await JsonBody.ReadAsync(context.Request, optional: false, cancellationToken).ConfigureAwait(false);
        if (body is null)
        {
            return unreadable!;
        }

        if (IncidentRequest.Read(body, key, out problem) is not { } request)
        {
            return problem!;
        }

        return await opener.OpenAsync(request, cancellationToken).ConfigureAwait(false) switch
        {
            IncidentOutcome.Opened opened => Created(context, opened.Incident),
            IncidentOutcome.AlreadyOpened known => Created(context, known.Incident),
            IncidentOutcome.IdTaken taken => ApiProblem.At(ProblemKind.Conflict, "/id", $"Another incident is stored under the id {taken.Id:D}."),
            IncidentOutcome.KeyReused => ApiProblem.At(ProblemKind.IdempotencyKeyReused, IdempotencyHeader.Name, "This key was used for another incident."),
            IncidentOutcome.Invalid invalid => ApiProblem.Of(ProblemKind.Invalid, invalid.Problems.Select(static wrong => ($"/{wrong.Member}", wrong.Message)).ToList()),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of opening an incident."),
        };
    }

    private static Results<JsonHttpResult<IncidentResponse>, LargeIncidentsAnswer, ApiProblem> Created(HttpContext context, Incident incident)
    {
        var (place, answer) = ($"{context.Request.PathBase}{context.Request.Path.Value?.TrimEnd('/')}/{incident.Id:D}", IncidentResponse.Of(incident));
        if (!LargeIncidentsAnswer.IsFor(incident))
        {
            return JsonAnswer.Created(context, place, answer, IncidentsJsonContext.Default.IncidentResponse);
        }

        context.Response.Headers.Location = place;
        return LargeIncidentsAnswer.One(StatusCodes.Status201Created, answer, IncidentsJsonContext.Default.IncidentResponse);
    }

    private static async Task<Results<JsonHttpResult<IReadOnlyList<IncidentResponse>>, JsonHttpResult<IReadOnlyList<IncidentOverview>>, LargeIncidentsAnswer, EmptyHttpResult, ApiProblem>> ListAsync(
        HttpContext context, IIncidentStore incidents, IIncidentReader reader, CancellationToken cancellationToken)
    {
        var values = new QueryValues(context.Request.Query);
        switch (values.Text("view"))
        {
            case null:
                break;
            case Overview:
                var (rows, mistake) = await IncidentOverviews.ListAsync(context, values, reader, cancellationToken).ConfigureAwait(false);
                return rows is null ? mistake! : rows;
            default:
                values.Fail("view", $"It must be {Overview}, or not be given.");
                break;
        }

        var isAll = values.Text("limit") == All;
        var limit = isAll ? 0 : values.Limit(DefaultLimit, MaxLimit);
        var query = new IncidentQuery
        {
            Status = values.Text("status"),
            ProblemType = values.Text("problem_type"),
            OrderId = values.Text("order_id", alias: IncidentSubject.Member),
            Text = values.Text("q"),
            After = values.Cursor(IncidentCursorText.Read),
            Limit = isAll ? null : limit + 1,
        };
        if (values.Problem is { } problem)
        {
            return problem;
        }

        if (isAll)
        {
            using var answer = new JsonStreamWriter(context);
            await answer.WriteArrayAsync(
                name: null, incidents.ListAsync(query, cancellationToken), IncidentResponse.Of, IncidentsJsonContext.Default.IncidentResponse, cancellationToken).ConfigureAwait(false);
            await answer.SendAsync(cancellationToken).ConfigureAwait(false);
            return TypedResults.Empty;
        }

        var page = new BoundedPage<Incident>(context.ShareMemory(), limit);
        await foreach (var incident in incidents.ListAsync(query, cancellationToken).ConfigureAwait(false))
        {
            if (!page.TryAdd(incident, incident.KeptDetails.Utf8Length))
            {
                break;
            }
        }

        if (page.Problem is { } tooMuch)
        {
            return tooMuch;
        }

        if (page.IsCut)
        {
            PageLink.AddNext(context, IncidentCursorText.Write(page.Items[^1]));
        }

        var listed = page.Items.ConvertAll(IncidentResponse.Of);
        return page.Items.Exists(LargeIncidentsAnswer.IsFor)
            ? LargeIncidentsAnswer.List(listed)
            : JsonAnswer.Ok((IReadOnlyList<IncidentResponse>)listed, IncidentsJsonContext.Default.IReadOnlyListIncidentResponse);
    }

    private static async Task<Results<JsonHttpResult<IncidentDetailResponse>, LargeIncidentsAnswer, ApiProblem>> GetAsync(
        string id,
        HttpContext context,
        IIncidentStore incidents,
        IIncidentCounter counter,
        IRcaReports reports,
        IIncidentApprovals approvals,
        CancellationToken cancellationToken)
    {
        if (IncidentPath.Read(id, out var incidentId) is { } problem)
        {
            return problem;
        }

        var values = new QueryValues(context.Request.Query);
        var withoutCounts = values.Flag("without_counts");
        if (values.Problem is { } mistake)
        {
            return mistake;
        }

        if (await incidents.GetAsync(incidentId, cancellationToken).ConfigureAwait(false) is not { } incident)
        {
            return ApiProblem.IncidentNotFound(incidentId);
        }

        var counts = withoutCounts ? null : await counter.CountAsync(incidentId, cancellationToken).ConfigureAwait(false);
        var latest = await reports.ListAsync(incidentId, cancellationToken).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        var answer = IncidentDetailResponse.Of(incident, counts, latest, await approvals.ReadAsync(incidentId, cancellationToken).ConfigureAwait(false));
        return LargeIncidentsAnswer.IsFor(incident)
            ? LargeIncidentsAnswer.One(StatusCodes.Status200OK, answer, IncidentsJsonContext.Default.IncidentDetailResponse)
            : JsonAnswer.Ok(answer, IncidentsJsonContext.Default.IncidentDetailResponse);
    }

    private static async Task<Results<EmptyHttpResult, ApiProblem>> GetFullAsync(
        string id, HttpContext context, IIncidentStore incidents, ISpanStore spans, IArtifactStore artifacts, CancellationToken cancellationToken)
    {
        if (IncidentPath.Read(id, out var incidentId) is { } problem)
        {
            return problem;
        }

        if (await incidents.GetAsync(incidentId, cancellationToken).ConfigureAwait(false) is not { } incident)
        {
            return ApiProblem.IncidentNotFound(incidentId);
        }

        var parts = new IncidentParts(incidentId, spans, artifacts);
        using var answer = new JsonStreamWriter(context);
        answer.Json.WriteStartObject();
        answer.Json.WritePropertyName("incident");
        JsonSerializer.Serialize(answer.Json, IncidentResponse.Of(incident), IncidentsJsonContext.Default.IncidentResponse);
        await answer.WriteArrayAsync("spans", parts.ListSpansAsync(cancellationToken), SpanResponse.Of, SpansJsonContext.Default.SpanResponse, cancellationToken).ConfigureAwait(false);
        await answer.WriteArrayAsync("artifacts", parts.ListArtifactsAsync(), ArtifactResponse.Of, ArtifactsJsonContext.Default.ArtifactResponse, cancellationToken).ConfigureAwait(false);
        answer.Json.WriteEndObject();
        await answer.SendAsync(cancellationToken).ConfigureAwait(false);
        return TypedResults.Empty;
    }
}
