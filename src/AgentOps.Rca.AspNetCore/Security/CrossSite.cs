using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>Whether a page of somewhere else makes a browser send this request.</summary>
internal static class CrossSite
{
    private const string FetchSite = "Sec-Fetch-Site";

    /// <summary>Whether a write comes from a page of another origin, which the host has not named to the framework's CORS.</summary>
    public static async ValueTask<bool> IsRefusedAsync(HttpContext context)
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method) || !ComesFromElsewhere(request))
        {
            return false;
        }

        return request.Headers.Origin is not [{ } origin] || !await IsNamedAsync(context, origin).ConfigureAwait(false);
    }

    // Browsers say it themselves, and know what a proxy may have changed. Who is no browser sends neither header.
    private static bool ComesFromElsewhere(HttpRequest request) => request.Headers[FetchSite] is { Count: > 0 } site
        ? site is not ["same-origin" or "none"]
        : request.Headers.Origin is { Count: > 0 } origins && (origins is not [{ } origin] || !IsOwn(origin, request));

    private static bool IsOwn(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var address)
        && HostString.FromUriComponent(address) is var theirs
        && string.Equals(theirs.Host, request.Host.Host, StringComparison.OrdinalIgnoreCase)
        && (theirs.Port ?? address.Port) == (request.Host.Port ?? (address.Scheme == Uri.UriSchemeHttps ? 443 : 80));

    private static async ValueTask<bool> IsNamedAsync(HttpContext context, string origin)
    {
        var metadata = context.GetEndpoint()?.Metadata;
        var policy = metadata?.GetMetadata<ICorsPolicyMetadata>()?.Policy;
        if (policy is null && context.RequestServices.GetService<ICorsPolicyProvider>() is { } policies)
        {
            policy = await policies.GetPolicyAsync(context, metadata?.GetMetadata<IEnableCorsAttribute>()?.PolicyName).ConfigureAwait(false);
        }

        return policy?.IsOriginAllowed(origin) == true;
    }
}
