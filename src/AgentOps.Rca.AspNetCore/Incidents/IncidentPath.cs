using AgentOps.Rca.AspNetCore.Problems;

namespace AgentOps.Rca.AspNetCore.Incidents;

/// <summary>Reads the incident's id out of a path.</summary>
internal static class IncidentPath
{
    public static ApiProblem? Read(string text, out Guid id) =>
        Guid.TryParseExact(text, "D", out id)
            ? null
            : ApiProblem.At(ProblemKind.InvalidParameter, "id", "It must be a UUID such as 0190a8c2-5d1e-7c43-9b1f-2f6a4de0c111.");
}
