using System.Buffers;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.WebHost;

/// <summary>What becomes of paths that no endpoint has.</summary>
internal static partial class HostPaths
{
    private const int MostOfAPath = 200;

    /// <summary>Takes several slashes for one: an address that ends with one, and a path behind it, are written together easily.</summary>
    public static void UseSinglePathSlashes(this WebApplication application) => application.Use((context, next) =>
    {
        if (context.Request.Path.Value is { } path && path.Contains("//", StringComparison.Ordinal))
        {
            context.Request.Path = Slashes().Replace(path, "/");
        }

        return next(context);
    });

    /// <summary>Answers what nothing else answers with a problem that names the path.</summary>
    public static void MapUnknownPaths(this WebApplication application) => application.MapFallback("{**path}", async (HttpContext context) =>
    {
        var path = context.Request.Path.Value ?? "/";
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", "urn:agentops-rca:problem:not-found");
            json.WriteString("title", "There is no such record.");
            json.WriteNumber("status", StatusCodes.Status404NotFound);
            json.WriteString("detail", $"There is nothing at {(path.Length > MostOfAPath ? $"{path[..MostOfAPath]}…" : path)}. The paths that exist are listed at /docs.");
            json.WriteEndObject();
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        context.Response.ContentType = "application/problem+json";
        context.Response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
        }
    });

    [GeneratedRegex("/{2,}")]
    private static partial Regex Slashes();
}
