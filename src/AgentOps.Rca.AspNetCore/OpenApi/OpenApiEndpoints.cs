using System.Collections.Concurrent;
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
        // A host is reached under one prefix, or a few; a caller cannot add to them, since the route must match.
        var documents = new ConcurrentDictionary<string, byte[]>(StringComparer.Ordinal);
        api.MapGet(Pattern, (HttpContext context) => new JsonBytesAnswer(documents.GetOrAdd(RootOf(context.Request), OpenApiDocument.Create)))
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
