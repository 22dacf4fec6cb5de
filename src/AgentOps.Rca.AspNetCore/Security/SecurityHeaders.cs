using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>What every answer says to browsers and caches, unless its endpoint has said more.</summary>
internal static class SecurityHeaders
{
    private const string ReferrerPolicy = "Referrer-Policy";
    private const string ResourcePolicy = "Cross-Origin-Resource-Policy";

    public static Task AddAsync(object state)
    {
        var headers = ((HttpContext)state).Response.Headers;
        headers.TryAdd(HeaderNames.XContentTypeOptions, "nosniff");
        headers.TryAdd(HeaderNames.XFrameOptions, "DENY");
        headers.TryAdd(HeaderNames.CacheControl, "no-store");
        headers.TryAdd(HeaderNames.ContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'");
        headers.TryAdd(ReferrerPolicy, "no-referrer");
        headers.TryAdd(ResourcePolicy, "same-origin");
        return Task.CompletedTask;
    }
}
