using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.AspNetCore.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore.OpenApi;

internal static class OpenApiEndpoints
{
    private const string Pattern = "/openapi/v1.json";

    public static void MapOpenApiDocument(this IEndpointRouteBuilder api)
    {
        // The same for every caller but for the path that stands before it, which is the caller's spelling and is kept nowhere.
        var document = new Lazy<OpenApiDocument>(OpenApiDocument.Create);
        api.MapGet(Pattern, (HttpContext context) => new JsonBytesAnswer(document.Value.At(RootOf(context.Request))))
            .WithTags("service")
            .WithName("rca_openapi")
            .WithSummary("This description.")
            .WithMetadata(OpenEndpoint.Instance)
            .Produces(StatusCodes.Status200OK, contentType: MediaTypes.Json);
        api.OnlyMethods(Pattern, "GET");
    }

    private static string RootOf(HttpRequest request) =>
        (request.PathBase + request.Path).ToUriComponent() is var path && path.EndsWith(Pattern, StringComparison.OrdinalIgnoreCase)
            ? path[..^Pattern.Length]
            : "";
}
