using System.Net.Http.Headers;
using System.Security.Cryptography;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Bundles;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.AspNetCore.Bundles;

/// <summary>A bundle as a download, or in base64 within JSON. Either way it is written as it is made, in constant memory.</summary>
internal sealed class BundleAnswer(BundleExport bundle, bool asJson) : IResult
{
    private static readonly byte[] Before = "{\"bundle\":\""u8.ToArray();
    private static readonly byte[] After = "\"}"u8.ToArray();

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        await using (bundle.ConfigureAwait(false))
        {
            httpContext.Response.Headers.CacheControl = "no-store";
            await ((asJson ? WriteJsonAsync(httpContext) : WriteZipAsync(httpContext)).ConfigureAwait(false));
        }
    }

    private async Task WriteZipAsync(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = MediaTypes.Zip;
        response.ContentLength = bundle.Length;
        response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileName = bundle.FileName }.ToString();
        await bundle.WriteToAsync(response.Body, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task WriteJsonAsync(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = MediaTypes.Json;
        response.ContentLength = Before.Length + ((bundle.Length + 2) / 3 * 4) + After.Length;
        await response.Body.WriteAsync(Before, context.RequestAborted).ConfigureAwait(false);
        using var transform = new ToBase64Transform();
        var base64 = new CryptoStream(response.Body, transform, CryptoStreamMode.Write, leaveOpen: true);
        await using (base64.ConfigureAwait(false))
        {
            await bundle.WriteToAsync(base64, context.RequestAborted).ConfigureAwait(false);
            await base64.FlushFinalBlockAsync(context.RequestAborted).ConfigureAwait(false);
        }

        await response.Body.WriteAsync(After, context.RequestAborted).ConfigureAwait(false);
    }
}
