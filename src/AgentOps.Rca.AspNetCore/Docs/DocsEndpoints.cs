using System.IO.Compression;
using System.Reflection;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using Scalar.AspNetCore;

namespace AgentOps.Rca.AspNetCore.Docs;

/// <summary>
/// A page that shows the description of the API and sends requests: Scalar, from its package. It loads nothing from anywhere else, and its policy
/// lets it reach nobody else.
/// </summary>
internal static class DocsEndpoints
{
    private const string Html = "text/html; charset=utf-8";
    private const string Script = "text/javascript; charset=utf-8";

    // Scalar writes its styles into the page.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly Assembly Ours = typeof(DocsEndpoints).Assembly;
    private static readonly Assembly Scalars = typeof(ScalarOptions).Assembly;

    public static void MapDocs(this IEndpointRouteBuilder api)
    {
        // The page names its files relative to /docs, so that it works under any prefix.
        Map(api, "/docs", new DocsFile(Ours, "docs.html", Html)).WithTags("service").WithName("rca_docs").WithSummary("This description, to browse.");
        Map(api, "/docs/docs.js", new DocsFile(Ours, "docs.js", Script)).ExcludeFromDescription();
        Map(api, "/docs/scalar.js", new DocsFile(Scalars, "ScalarStaticAssets.scalar.js", Script, IsPacked: true)).ExcludeFromDescription();
    }

    private static RouteHandlerBuilder Map(IEndpointRouteBuilder api, string pattern, DocsFile file)
    {
        api.OnlyMethods(pattern, "GET");
        return api.MapGet(pattern, (HttpContext context) => Read(context, file))
            .WithMetadata(OpenEndpoint.Instance)
            .Produces(StatusCodes.Status200OK, contentType: file.Mime.Split(';')[0]);
    }

    private static Results<FileStreamHttpResult, RedirectHttpResult> Read(HttpContext context, DocsFile file)
    {
        if (context.Request.Path.Value?.EndsWith('/') == true)
        {
            return TypedResults.Redirect((context.Request.PathBase + context.Request.Path).ToUriComponent().TrimEnd('/'));
        }

        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-cache";
        var content = file.Assembly.GetManifestResourceStream(file.Resource)
            ?? throw new InvalidOperationException($"{file.Assembly.GetName().Name} holds no '{file.Resource}'.");
        if (file.IsPacked)
        {
            headers.Vary = HeaderNames.AcceptEncoding;
            if (TakesGzip(context.Request))
            {
                headers.ContentEncoding = "gzip";
            }
            else
            {
                content = new GZipStream(content, CompressionMode.Decompress);
            }
        }

        return TypedResults.Stream(content, file.Mime, entityTag: file.Tag);
    }

    private static bool TakesGzip(HttpRequest request) =>
        request.GetTypedHeaders().AcceptEncoding.Any(static coding => coding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && coding.Quality is null or > 0);

    /// <summary>A file of the page.</summary>
    /// <param name="Assembly">Whose it is.</param>
    /// <param name="Resource">What it is called there.</param>
    /// <param name="Mime">What it is.</param>
    /// <param name="IsPacked">Whether it is kept as gzip.</param>
    private sealed record DocsFile(Assembly Assembly, string Resource, string Mime, bool IsPacked = false)
    {
        // The module changes with its build, so a browser asks for five megabytes once.
        public EntityTagHeaderValue Tag { get; } = new($"\"{Assembly.ManifestModule.ModuleVersionId:N}\"", isWeak: true);
    }
}
