using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore.Problems;

internal static class EndpointProblemExtensions
{
    /// <summary>Says which problems the endpoint answers with, beside 401.</summary>
    public static RouteHandlerBuilder Fails(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
        {
            endpoint.ProducesProblem(status);
        }

        return endpoint;
    }

    /// <summary>Answers every other method on this path with a problem; routing itself would answer without a body.</summary>
    public static void OnlyMethods(this IEndpointRouteBuilder endpoints, string pattern, string allowed) =>
        endpoints.Map(pattern, (HttpContext context) => new ApiProblem(
                ProblemKind.MethodNotAllowed,
                $"{context.Request.Method} does not exist here; {string.Join(" and ", allowed.Split(", "))} {(allowed.Contains(',', StringComparison.Ordinal) ? "do" : "does")}.")
        { Allow = allowed })
            .ExcludeFromDescription();
}
