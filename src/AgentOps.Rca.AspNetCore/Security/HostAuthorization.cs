using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>Whether the host's own authorization stands before an endpoint.</summary>
internal static class HostAuthorization
{
    // The middleware leaves it for the endpoint to see that it was there.
    private const string WasThere = "__AuthorizationMiddlewareWithEndpointInvoked";

    /// <summary>Whether a policy of the endpoint has let the request through.</summary>
    public static bool Has(EndpointMetadataCollection? metadata) =>
        metadata is not null && metadata.GetMetadata<IAllowAnonymous>() is null
        && (metadata.GetMetadata<IAuthorizeData>() is not null || metadata.GetMetadata<AuthorizationPolicy>() is not null);

    /// <summary>Whether a policy of the endpoint, or the one for endpoints without, has let the request through.</summary>
    public static async ValueTask<bool> HasAsync(HttpContext context)
    {
        var metadata = context.GetEndpoint()?.Metadata;
        return Has(metadata)
            || (metadata?.GetMetadata<IAllowAnonymous>() is null && context.Items.ContainsKey(WasThere) && await HasFallbackAsync(context.RequestServices).ConfigureAwait(false));
    }

    /// <summary>Whether the host has a policy for endpoints without one.</summary>
    public static async ValueTask<bool> HasFallbackAsync(IServiceProvider services) =>
        services.GetService<IAuthorizationPolicyProvider>() is { } policies && await policies.GetFallbackPolicyAsync().ConfigureAwait(false) is not null;
}
