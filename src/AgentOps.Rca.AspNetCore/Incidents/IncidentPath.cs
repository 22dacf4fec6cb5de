using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;

namespace AgentOps.Rca.AspNetCore.Incidents;

/// <summary>Reads the incident's id out of a path. What is no id of this library names an incident that is not here.</summary>
internal static class IncidentPath
{
    public static ApiProblem? Read(string text, out Guid id) =>
        GuidText.TryRead(text, out id)
            ? null
            : ApiProblem.At(ProblemKind.NotFound, "id", ApiProblem.NoSuchIncident(text));
}
