using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Incidents;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.AspNetCore.Incidents;

/// <summary>A body that names an incident: <c>{"incident_id": "…"}</c>.</summary>
internal static class IncidentBody
{
    /// <summary>The incident it names; exactly one of the two answers is null.</summary>
    public static async ValueTask<(Incident? Incident, Problem? Problem)> ReadAsync(
        HttpRequest request, IIncidentStore incidents, CancellationToken cancellationToken)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(request, optional: false, cancellationToken);
        if (body is null)
        {
            return (null, unreadable);
        }

        if (body.Id("incident_id", required: true) is not { } id)
        {
            return (null, body.Problem);
        }

        return await incidents.GetAsync(id, cancellationToken) is { } incident
            ? (incident, null)
            : (null, Problem.At(ProblemKind.NotFound, "/incident_id", $"There is no incident {id:D}."));
    }
}
