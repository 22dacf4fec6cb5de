using System.Text;
using AgentOps.Rca.AspNetCore.Incidents;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Reading;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore.Reading;

/// <summary>A report as a document for people.</summary>
internal static class PostmortemEndpoints
{
    public static void MapPostmortem(this IEndpointRouteBuilder api)
    {
        api.MapGet("/incidents/{id}/postmortem", GetAsync)
            .WithTags("reading")
            .WithName("rca_get_postmortem")
            .WithSummary("A report as a document in Markdown, with the decision, the figures, and what a replay finds.")
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.Markdown)
            .Fails(400, 404, 503);
        api.OnlyMethods("/incidents/{id}/postmortem", "GET");
    }

    private static async Task<Results<ContentHttpResult, ApiProblem>> GetAsync(
        string id, HttpContext context, IIncidentReader reader, CancellationToken cancellationToken)
    {
        var values = new QueryValues(context.Request.Query);
        var (report, replay) = (values.Report(), values.Flag("replay"));
        if ((IncidentPath.Read(id, out var incidentId) ?? values.Problem) is { } problem)
        {
            return problem;
        }

        var query = new PostmortemQuery { IncidentId = incidentId, ReportDigest = report, Replay = replay };
        switch (await reader.WritePostmortemAsync(query, cancellationToken).ConfigureAwait(false))
        {
            case PostmortemOutcome.Written written:
                context.Response.Headers.XContentTypeOptions = "nosniff";
                return TypedResults.Text(written.Markdown, MediaTypes.Markdown, Encoding.UTF8);
            case PostmortemOutcome.IncidentNotFound missing:
                return ApiProblem.IncidentNotFound(missing.IncidentId);
            case PostmortemOutcome.ReportNotFound missing:
                return ApiProblem.At(ProblemKind.NotFound, report is null ? "id" : "report", missing.Reason);
            case var outcome:
                throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of writing a post-mortem.");
        }
    }
}
