using AgentOps.Rca.AspNetCore.Requests;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.AspNetCore.Json;

/// <summary>An answer that is JSON already.</summary>
internal sealed class JsonBytesAnswer(ReadOnlyMemory<byte> utf8) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        httpContext.Response.ContentType = MediaTypes.Json;
        httpContext.Response.ContentLength = utf8.Length;
        await httpContext.Response.Body.WriteAsync(utf8, httpContext.RequestAborted).ConfigureAwait(false);
    }
}
