using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore.Docs;

/// <summary>A page that shows the description of the API and sends requests. It loads nothing from anywhere else.</summary>
internal static class DocsEndpoints
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void MapDocs(this IEndpointRouteBuilder api)
    {
        // The page names its files relative to /docs, so that it works under any prefix.
        Map(api, "/docs", "docs.html", "text/html; charset=utf-8").WithTags("service").WithName("rca_docs").WithSummary("This description, to browse.");
        Map(api, "/docs/docs.js", "docs.js", "text/javascript; charset=utf-8").ExcludeFromDescription();
        Map(api, "/docs/docs.css", "docs.css", "text/css; charset=utf-8").ExcludeFromDescription();
    }

    private static RouteHandlerBuilder Map(IEndpointRouteBuilder api, string pattern, string resource, string mime)
    {
        api.OnlyMethods(pattern, "GET");
        return api.MapGet(pattern, (HttpContext context) => Read(context, resource, mime))
            .WithMetadata(OpenEndpoint.Instance)
            .Produces(StatusCodes.Status200OK, contentType: mime.Split(';')[0]);
    }

    private static Results<FileStreamHttpResult, RedirectHttpResult> Read(HttpContext context, string resource, string mime)
    {
        if (context.Request.Path.Value?.EndsWith('/') == true)
        {
            return TypedResults.Redirect((context.Request.PathBase + context.Request.Path).ToUriComponent().TrimEnd('/'));
        }

        context.Response.Headers.ContentSecurityPolicy = Policy;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Stream(typeof(DocsEndpoints).Assembly.GetManifestResourceStream(resource)!, mime);
    }
}
