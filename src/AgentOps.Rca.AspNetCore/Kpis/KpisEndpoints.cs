using AgentOps.Rca.AspNetCore.Incidents;
using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Kpis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore.Kpis;

internal static class KpisEndpoints
{
    public static void MapKpis(this IEndpointRouteBuilder api)
    {
        api.MapGet("/incidents/{id}/kpis", GetAsync)
            .WithTags("kpis")
            .WithName("rca_get_kpis")
            .WithSummary("The figures of an incident, each null when unknown, with the parts they come from.")
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.Json)
            .Fails(400, 404, 503);
        api.OnlyMethods("/incidents/{id}/kpis", "GET");
    }

    private static async Task<Results<JsonHttpResult<IncidentKpis>, ApiProblem>> GetAsync(
        string id, IKpiReader kpis, CancellationToken cancellationToken)
    {
        if (IncidentPath.Read(id, out var incidentId) is { } problem)
        {
            return problem;
        }

        return await kpis.ReadAsync(incidentId, cancellationToken).ConfigureAwait(false) is { } figures
            ? JsonAnswer.Ok(figures, KpiJson.TypeInfo)
            : ApiProblem.IncidentNotFound(incidentId);
    }
}
