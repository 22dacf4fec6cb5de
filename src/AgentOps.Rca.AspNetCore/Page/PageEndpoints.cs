using System.Security.Cryptography;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace AgentOps.Rca.AspNetCore.Page;

/// <summary>The page for people. It loads nothing from anywhere else and is made of static files: what it shows it asks the API for.</summary>
internal static class PageEndpoints
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    private const string Forever = "public, max-age=31536000, immutable";
    private const string Gzip = "gzip";
    private const string Allowed = "GET, HEAD";

    private static readonly string[] GetAndHead = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps the page and its files.</summary>
    /// <param name="endpoints">The group at whose root the page is.</param>
    /// <param name="api">The API's address relative to the page.</param>
    public static void MapPage(this IEndpointRouteBuilder endpoints, string api)
    {
        endpoints.MapMethods("/", GetAndHead, (HttpContext context) => Show(context, api)).WithMetadata(OpenEndpoint.Instance, new SignInPage(context => Show(context, api)));
        endpoints.OnlyMethods("/", Allowed);
        endpoints.MapPageFiles();
    }

    /// <summary>Maps the files of a page that is shown at the root of the same group.</summary>
    public static void MapPageFiles(this IEndpointRouteBuilder endpoints)
    {
        const string Pattern = $"/{PageFiles.Folder}/{{version}}/{{file}}";
        // They are the same for everybody, and hold nothing of the records: a page that asks for a key needs them.
        endpoints.MapMethods(Pattern, GetAndHead, ReadFile).WithMetadata(OpenEndpoint.Instance).AllowAnonymous().ExcludeFromDescription();
        endpoints.OnlyMethods(Pattern, Allowed);
    }

    /// <summary>Answers with the document, at an address that ends with a slash: relative addresses start from there.</summary>
    public static IResult Show(HttpContext context, string api)
    {
        var request = context.Request;
        var path = (request.PathBase + request.Path).ToUriComponent();
        context.Response.Headers.CacheControl = "no-cache";
        if (!path.EndsWith('/'))
        {
            // Relative, since a proxy may have taken off what the browser sees before it.
            return TypedResults.Redirect($"./{path[(path.LastIndexOf('/') + 1)..]}/{request.QueryString.ToUriComponent()}");
        }

        Protect(context);
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        var html = PageFiles.WriteHtml(api);
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(html))}\"");
        return TypedResults.File(html, "text/html; charset=utf-8", entityTag: tag);
    }

    private static IResult ReadFile(string version, string file, HttpContext context)
    {
        // Another version's name may be kept for ever by those who ask, so that nothing else is given under it.
        if (version != PageFiles.Version || PageFiles.Find(file) is not { } packed)
        {
            context.Response.Headers.CacheControl = "no-store";
            return new ApiProblem(ProblemKind.NotFound, "The page has no such file in this version; load the page again.");
        }

        Protect(context);
        context.Response.Headers.CacheControl = Forever;
        context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        if (TakesGzip(context.Request))
        {
            context.Response.Headers.ContentEncoding = Gzip;
            return TypedResults.Bytes(packed, TypeOf(file));
        }

        return TypedResults.Bytes(PageFiles.Unpack(packed), TypeOf(file));
    }

    private static void Protect(HttpContext context)
    {
        context.Response.Headers.ContentSecurityPolicy = Policy;
        context.Response.Headers.XContentTypeOptions = "nosniff";
    }

    private static string TypeOf(string file) =>
        file.EndsWith(".css", StringComparison.Ordinal) ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8";

    private static bool TakesGzip(HttpRequest request) =>
        StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var taken)
        && taken.Any(coding => coding.Value.Equals(Gzip, StringComparison.OrdinalIgnoreCase) && coding.Quality is null or > 0);
}
