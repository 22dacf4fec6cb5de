using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace AgentOps.Rca.AspNetCore.Requests;

/// <summary>The way to the next page of a listing: <c>Link: &lt;…&gt;; rel="next"</c> (RFC 8288), relative, so that proxies do not matter.</summary>
internal static class PageLink
{
    public static void AddNext(HttpContext context, ReadOnlySpan<byte> cursor)
    {
        var request = context.Request;
        var query = new QueryBuilder(request.Query
            .Where(pair => pair.Key != "cursor")
            .SelectMany(pair => pair.Value, (pair, value) => KeyValuePair.Create(pair.Key, value ?? "")))
        {
            { "cursor", Base64Url.EncodeToString(cursor) },
        };
        var link = new StringBuilder("<").Append(request.PathBase.ToUriComponent()).Append(request.Path.ToUriComponent())
            .Append(query.ToQueryString().ToUriComponent()).Append(">; rel=\"next\"");
        context.Response.Headers.Link = link.ToString();
    }
}
