using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Auditing;
using AgentOps.Rca.Spans;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore.Auditing;

internal static class AuditEndpoints
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 500;

    public static void MapAudit(this IEndpointRouteBuilder api)
    {
        api.MapGet("/audit", ListAsync)
            .WithTags("audit")
            .WithName("rca_audit")
            .WithSummary("Who did what, oldest first.")
            .Produces<IReadOnlyList<AuditResponse>>()
            .Fails(400, 503);
        api.OnlyMethods("/audit", "GET");
    }

    private static async Task<Results<JsonHttpResult<IReadOnlyList<AuditResponse>>, ApiProblem>> ListAsync(
        HttpContext context, IAuditTrail audit, CancellationToken cancellationToken)
    {
        var values = new QueryValues(context.Request.Query);
        var action = values.Text("action");
        if (action is not null && !AuditActions.All.Contains(action))
        {
            values.Fail("action", $"It must be one of {string.Join(", ", AuditActions.All)}.");
        }

        var limit = values.Limit(DefaultLimit, MaxLimit);
        var incident = values.Text("incident_id");
        Guid? incidentId = GuidText.TryRead(incident, out var id) ? id : null;
        if (incident is not null && incidentId is null)
        {
            values.Fail("incident_id", "It must be a UUID.");
        }

        var query = new AuditQuery
        {
            Action = action,
            Actor = values.Text("actor"),
            IncidentId = incidentId,
            Since = values.Instant("since"),
            After = values.Cursor(SpanCursorText.Read),
        };
        if (values.Problem is { } problem)
        {
            return problem;
        }

        List<AuditRecord> page = [];
        await foreach (var record in audit.ListAsync(query, cancellationToken).ConfigureAwait(false))
        {
            page.Add(record);
            if (page.Count > limit)
            {
                page.RemoveAt(limit);
                PageLink.AddNext(context, SpanCursorText.Write(new SpanCursor(EpochUnit.Microseconds(page[^1].At), page[^1].Id)));
                break;
            }
        }

        return JsonAnswer.Ok((IReadOnlyList<AuditResponse>)page.ConvertAll(AuditResponse.Of), AuditJsonContext.Default.IReadOnlyListAuditResponse);
    }
}
