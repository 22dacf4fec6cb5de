using System.Text.Json;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.AspNetCore.Incidents;
using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore.Approvals;

internal static class ApprovalsEndpoints
{
    private const int MaxNameLength = 256;
    private const int MaxNoteLength = 4_000;
    private const int MaxDigestLength = 128;

    public static void MapApprovals(this IEndpointRouteBuilder api, AgentOpsRcaHttpOptions options)
    {
        api.MapPost("/incidents/{id}/approve", ApproveAsync)
            .WithTags("approvals")
            .WithName("rca_approve")
            .WithSummary("Records a person's decision on the latest report; of simultaneous ones exactly one is recorded.")
            .WithMetadata(new BodyLimit(options.MaxJsonBodyBytes))
            .Produces<ApprovalResponse>()
            .Fails(400, 404, 409, 413, 415, 422, 503);
        api.OnlyMethods("/incidents/{id}/approve", "POST");
    }

    private static async Task<Results<JsonHttpResult<ApprovalResponse>, Problem>> ApproveAsync(
        string id, HttpContext context, IncidentApprovals approvals, CancellationToken cancellationToken)
    {
        if (IncidentId.Read(id, out var incidentId) is { } problem)
        {
            return problem;
        }

        var (body, unreadable) = await JsonBody.ReadAsync(context.Request, optional: true, cancellationToken);
        if (body is null)
        {
            return unreadable!;
        }

        var request = Read(incidentId, body);
        if (body.Problem is { } wrong)
        {
            return wrong;
        }

        return await approvals.DecideAsync(request, cancellationToken) switch
        {
            ApprovalOutcome.Recorded recorded => Answer(recorded.Approval),
            ApprovalOutcome.AlreadyRecorded known => Answer(known.Approval),
            ApprovalOutcome.Conflict conflict => new Problem(ProblemKind.Conflict, "Another decision on this report is recorded already, and stays.")
            {
                Extensions = json =>
                {
                    json.WritePropertyName("recorded");
                    JsonSerializer.Serialize(json, ApprovalResponse.Of(conflict.Approval), RcaHttpJsonContext.Default.ApprovalResponse);
                },
            },
            ApprovalOutcome.StaleReport stale => Problem.At(
                ProblemKind.Conflict,
                "/report_digest",
                $"This is not the latest report, which is {stale.LatestDigest}.",
                json => json.WriteString("latest_report_digest", stale.LatestDigest)),
            ApprovalOutcome.NoReport => Problem.At(ProblemKind.Conflict, "/report_digest", "The incident has no report."),
            _ => Problem.IncidentNotFound(incidentId),
        };
    }

    private static ApprovalRequest Read(Guid incidentId, BodyMembers body)
    {
        var decision = body.Text("decision", MaxNameLength);
        if (decision is not (null or "approved" or "rejected"))
        {
            body.Fail("decision", "It must be approved or rejected.");
        }

        var report = body.Text("report_digest", MaxDigestLength);
        if (report is not null && !ArtifactDigest.TryParse(report, out _))
        {
            body.Fail("report_digest", "It must be the 64 hexadecimal digits of a SHA-256.");
        }

        return new ApprovalRequest
        {
            IncidentId = incidentId,
            Decision = decision == "rejected" ? ApprovalDecision.Rejected : ApprovalDecision.Approved,
            ApprovedBy = body.Text("approved_by", MaxNameLength),
            Note = body.Text("note", MaxNoteLength),
            ReportDigest = report,
        };
    }

    private static JsonHttpResult<ApprovalResponse> Answer(Approval approval) =>
        JsonAnswer.Ok(ApprovalResponse.Of(approval), RcaHttpJsonContext.Default.ApprovalResponse);
}
