using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Incidents;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.AspNetCore.Incidents;

/// <summary>A body that names an incident: <c>{"incident_id": "…"}</c>.</summary>
internal static class IncidentBody
{
    /// <summary>The incident it names; exactly one of the two answers is null.</summary>
    public static ValueTask<(Incident? Incident, ApiProblem? Problem)> ReadAsync(
        HttpRequest request, IIncidentStore incidents, CancellationToken cancellationToken) =>
        ReadAsync(request, incidents, static _ => { }, cancellationToken);

    /// <summary>The same, with other members that <paramref name="readOthers"/> takes.</summary>
    public static async ValueTask<(Incident? Incident, ApiProblem? Problem)> ReadAsync(
        HttpRequest request, IIncidentStore incidents, Action<BodyMembers> readOthers, CancellationToken cancellationToken)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(request, optional: false, cancellationToken).ConfigureAwait(false);
        if (body is null)
        {
            return (null, unreadable);
        }

        var named = body.IncidentId("incident_id");
        readOthers(body);
        if (body.Problem is not null || named is not { } id)
        {
            return (null, body.Problem);
        }

        return await incidents.GetAsync(id, cancellationToken).ConfigureAwait(false) is { } incident
            ? (incident, null)
            : (null, ApiProblem.At(ProblemKind.NotFound, "/incident_id", $"There is no incident {id:D}."));
    }
}
