using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.Incidents;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.AspNetCore.Incidents;

/// <summary>The Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header).</summary>
internal static class IdempotencyHeader
{
    public const string Name = "Idempotency-Key";

    /// <summary>The key, or null without one.</summary>
    public static string? Read(HttpRequest request, out ApiProblem? problem)
    {
        problem = null;
        var values = request.Headers[Name];
        if (values.Count == 0)
        {
            return null;
        }

        // The draft writes it as a quoted string; many clients send it bare.
        var key = values.ToString().Trim();
        key = key.Length >= 2 && key[0] == '"' && key[^1] == '"' ? key[1..^1] : key;
        if (values.Count == 1 && IdempotencyKey.IsValid(key))
        {
            return key;
        }

        problem = ApiProblem.At(ProblemKind.InvalidParameter, Name, IdempotencyKey.Rule);
        return null;
    }
}
