using System.Text.Json;
using AgentOps.Rca.Approvals;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.AspNetCore.Auditing;
using AgentOps.Rca.AspNetCore.Incidents;
using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.AspNetCore.Security;
using AgentOps.Rca.Auditing;
using AgentOps.Rca.Redaction;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore.Approvals;

internal static class ApprovalsEndpoints
{
    private const int MaxDigestLength = 128;

    public static void MapApprovals(this IEndpointRouteBuilder api, RequestLimits limits)
    {
        api.MapPost("/incidents/{id}/approve", ApproveAsync)
            .WithTags("approvals")
            .WithName("rca_approve")
            .WithSummary("Records a person's decision on the latest report; of simultaneous ones exactly one is recorded.")
            .WithMetadata(new BodyLimit(limits.JsonBody))
            .Produces<ApprovalResponse>()
            .Fails(400, 403, 404, 409, 413, 415, 422, 503);
        api.MapPost("/incidents/{id}/reject", RejectAsync)
            .WithTags("approvals")
            .WithName("rca_reject")
            .WithSummary("Records that a person turns the latest report down, and why.")
            .WithMetadata(new BodyLimit(limits.JsonBody))
            .Produces<ApprovalResponse>()
            .Fails(400, 403, 404, 409, 413, 415, 422, 503);
        api.OnlyMethods("/incidents/{id}/approve", "POST");
        api.OnlyMethods("/incidents/{id}/reject", "POST");
    }

    private static Task<Results<JsonHttpResult<ApprovalResponse>, ApiProblem>> ApproveAsync(
        string id, HttpContext context, IIncidentApprovals approvals, CancellationToken cancellationToken) =>
        DecideAsync(id, context, optional: true, "approved_by", ReadApproval, approvals, cancellationToken);

    private static Task<Results<JsonHttpResult<ApprovalResponse>, ApiProblem>> RejectAsync(
        string id, HttpContext context, IIncidentApprovals approvals, CancellationToken cancellationToken) =>
        DecideAsync(id, context, optional: false, "rejected_by", ReadRejection, approvals, cancellationToken);

    private static async Task<Results<JsonHttpResult<ApprovalResponse>, ApiProblem>> DecideAsync(
        string id,
        HttpContext context,
        bool optional,
        string nameMember,
        Func<Guid, BodyMembers, ApprovalRequest> read,
        IIncidentApprovals approvals,
        CancellationToken cancellationToken)
    {
        if (IncidentPath.Read(id, out var incidentId) is { } problem)
        {
            return problem;
        }

        var (body, unreadable) = await JsonBody.ReadAsync(context.Request, optional, cancellationToken).ConfigureAwait(false);
        if (body is null)
        {
            return unreadable!;
        }

        var request = read(incidentId, body);
        if (body.Problem is { } wrong)
        {
            return wrong;
        }

        var actor = Caller.Of(context).Sign(request.ApprovedBy, $"/{nameMember}", needsName: true, out var impostor);
        if (impostor is not null)
        {
            await context.AuditAsync(AuditActions.Decision, $"incident/{incidentId:D}", incidentId, AuditEntry.Refused, "in the name of somebody else").ConfigureAwait(false);
            return impostor;
        }

        return await approvals.DecideAsync(request with { Approver = actor, Source = HttpAudit.SourceOf(context) }, cancellationToken).ConfigureAwait(false) switch
        {
            ApprovalOutcome.Recorded recorded => Answer(recorded.Approval),
            ApprovalOutcome.AlreadyRecorded known => Answer(known.Approval),
            ApprovalOutcome.Conflict conflict => new ApiProblem(ProblemKind.Conflict, "Another decision on this report is recorded already, and stays.")
            {
                Extensions = json =>
                {
                    json.WritePropertyName("recorded");
                    JsonSerializer.Serialize(json, ApprovalResponse.Of(conflict.Approval), ApprovalsJsonContext.Default.ApprovalResponse);
                },
            },
            ApprovalOutcome.StaleReport stale => ApiProblem.At(
                ProblemKind.Conflict,
                "/report_digest",
                $"This is not the latest report, which is {stale.LatestDigest}.",
                json => json.WriteString("latest_report_digest", stale.LatestDigest)),
            ApprovalOutcome.NotAllowed refused => ApiProblem.At(ProblemKind.Forbidden, $"/{nameMember}", refused.Reason),
            ApprovalOutcome.NoReport => ApiProblem.At(ProblemKind.Conflict, "/report_digest", "The incident has no report."),
            _ => ApiProblem.IncidentNotFound(incidentId),
        };
    }

    private static ApprovalRequest ReadApproval(Guid incidentId, BodyMembers body)
    {
        var decision = body.Text("decision", ApprovalRequest.LongestName);
        if (decision is not (null or "approved" or "rejected"))
        {
            body.Fail("decision", "It must be approved or rejected.");
        }

        return new ApprovalRequest
        {
            IncidentId = incidentId,
            Decision = decision == "rejected" ? ApprovalDecision.Rejected : ApprovalDecision.Approved,
            ApprovedBy = ReadSeen(body, "approved_by", ApprovalRequest.LongestName),
            Note = ReadSeen(body, "note", ApprovalRequest.LongestNote, mayHaveLines: true),
            ReportDigest = ReadReport(body),
        };
    }

    private static ApprovalRequest ReadRejection(Guid incidentId, BodyMembers body) => new()
    {
        IncidentId = incidentId,
        Decision = ApprovalDecision.Rejected,
        ApprovedBy = ReadSeen(body, "rejected_by", ApprovalRequest.LongestName),
        Note = ReadSeen(body, "reason", ApprovalRequest.LongestNote, required: true, mayHaveLines: true),
        ReportDigest = ReadReport(body),
    };

    private static string? ReadSeen(BodyMembers body, string name, int maxLength, bool required = false, bool mayHaveLines = false)
    {
        var text = body.Text(name, maxLength, required);
        if (text is not null && ShownText.FindProblem(text, mayHaveLines) is { } problem)
        {
            body.Fail(name, problem);
        }

        return text;
    }

    private static string? ReadReport(BodyMembers body)
    {
        var report = body.Text("report_digest", MaxDigestLength);
        if (report is not null && !ArtifactDigest.TryParse(report, out _))
        {
            body.Fail("report_digest", "It must be the 64 hexadecimal digits of a SHA-256.");
        }

        return report;
    }

    private static JsonHttpResult<ApprovalResponse> Answer(Approval approval) =>
        JsonAnswer.Ok(ApprovalResponse.Of(approval), ApprovalsJsonContext.Default.ApprovalResponse);
}
