using System.Globalization;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.AspNetCore.Auditing;
using AgentOps.Rca.AspNetCore.Incidents;
using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.AspNetCore.Security;
using AgentOps.Rca.Incidents;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.AspNetCore.Analysis;

internal static class AnalysisEndpoints
{
    public static void MapAnalysis(this IEndpointRouteBuilder api, RequestLimits limits)
    {
        var group = api.MapGroup("").WithTags("analysis");
        group.MapPost("/rca/analyze", AnalyzeAsync)
            .WithName("rca_analyze")
            .WithSummary("Analyses an incident; with Accept: text/event-stream it tells its progress.")
            .WithMetadata(new BodyLimit(limits.JsonBody))
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.Json, additionalContentTypes: MediaTypes.EventStream)
            .Fails(400, 404, 413, 415, 422, 429, 503);
        group.MapGet("/incidents/{id}/reports", ListReportsAsync)
            .WithName("rca_list_reports")
            .WithSummary("The reports of an incident, newest first.")
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.Json)
            .Fails(400, 404, 503);
        group.OnlyMethods("/rca/analyze", "POST");
        group.OnlyMethods("/incidents/{id}/reports", "GET");
    }

    private static async Task<Results<JsonBytesAnswer, AnalysisEventStream, ApiProblem>> AnalyzeAsync(
        HttpContext context, IRcaAnalyzer analyzer, TimeProvider timeProvider, ILogger<RcaAnalyzer> logger, CancellationToken cancellationToken)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(context.Request, optional: false, cancellationToken).ConfigureAwait(false);
        if (body is null)
        {
            return unreadable!;
        }

        if (AnalysisRequest.Read(body, out var problem) is not { } request)
        {
            return problem!;
        }

        // A claim alone is recorded as it always was.
        var actor = Caller.Of(context).Sign(request.RequestedBy, "/requested_by", needsName: false, out var impostor);
        if (impostor is not null)
        {
            return impostor;
        }

        request = request with { Requester = actor?.Scheme is null ? null : actor, Source = HttpAudit.SourceOf(context) };
        if (MediaTypes.Asks(context.Request, MediaTypes.EventStream))
        {
            return new AnalysisEventStream(analyzer, request, timeProvider, logger);
        }

        var outcome = await analyzer.AnalyzeAsync(request, progress: null, cancellationToken).ConfigureAwait(false);
        return outcome is RcaOutcome.Completed completed ? new JsonBytesAnswer(ReportForm.ToUtf8(completed.Report)) : Explain(outcome);
    }

    /// <summary>Why there is no report.</summary>
    public static ApiProblem Explain(RcaOutcome outcome) => outcome switch
    {
        RcaOutcome.IncidentNotFound missing =>
            ApiProblem.At(ProblemKind.NotFound, "/incident_id", $"There is no incident {missing.IncidentId:D}."),
        RcaOutcome.ReferenceNotFound missing => ApiProblem.At(
            ProblemKind.Invalid,
            string.Create(CultureInfo.InvariantCulture, $"/reference/incident_ids/{missing.Position}"),
            $"There is no incident {missing.IncidentId:D} to compare with."),
        RcaOutcome.EngineUnknown unknown =>
            ApiProblem.At(ProblemKind.Invalid, "/engine", $"There is no engine of this name; there are {string.Join(", ", unknown.Known)}."),
        RcaOutcome.EngineUnavailable unavailable => ApiProblem.At(ProblemKind.EngineUnavailable, "/engine", unavailable.Reason),
        _ => throw new InvalidOperationException($"{outcome.GetType().Name} is no failure."),
    };

    private static async Task<Results<EmptyHttpResult, ApiProblem>> ListReportsAsync(
        string id, HttpContext context, IIncidentStore incidents, IRcaReports reports, CancellationToken cancellationToken)
    {
        if (IncidentPath.Read(id, out var incidentId) is { } problem)
        {
            return problem;
        }

        if (await incidents.GetAsync(incidentId, cancellationToken).ConfigureAwait(false) is null)
        {
            return ApiProblem.IncidentNotFound(incidentId);
        }

        using var answer = new JsonStreamWriter(context);
        answer.Json.WriteStartArray();
        await foreach (var report in reports.ListAsync(incidentId, cancellationToken).ConfigureAwait(false))
        {
            answer.Json.WriteRawValue(ReportForm.ToUtf8(report), skipInputValidation: true);
            await answer.SendFullPiecesAsync(cancellationToken).ConfigureAwait(false);
        }

        answer.Json.WriteEndArray();
        await answer.SendAsync(cancellationToken).ConfigureAwait(false);
        return TypedResults.Empty;
    }
}
