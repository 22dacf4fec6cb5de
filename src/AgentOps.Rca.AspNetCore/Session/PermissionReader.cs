using AgentOps.Rca.AspNetCore.Security;
using AgentOps.Rca.Identity;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.AspNetCore.Session;

/// <summary>What a caller may do: asks the policies, keys and scopes of the endpoints themselves, and carries nothing out.</summary>
internal static class PermissionReader
{
    public static async ValueTask<(Caller Caller, Permissions May)> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var own = context.GetEndpoint()!.Metadata;
        var gate = own.GetRequiredMetadata<CallerGate>();
        var mapping = own.GetRequiredMetadata<AgentOpsRcaHttpOptions>();
        var endpoints = context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints
            .Where(endpoint => endpoint.Metadata.GetMetadata<AgentOpsRcaHttpOptions>() == mapping && endpoint.Metadata.GetMetadata<OpenEndpoint>() is null)
            .ToLookup(static endpoint => endpoint.Metadata.GetMetadata<EndpointScope>()?.Scope);
        var known = Caller.Nobody;
        var may = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var scope in CallerScopes.All)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // All endpoints of a scope have one use, and so one policy, unless the host has told them apart itself.
            var (caller, allowed) = endpoints[scope].FirstOrDefault() is { } endpoint
                ? await AskAsync(context, gate, endpoint, scope).ConfigureAwait(false)
                : (Caller.Nobody, false);
            may[scope] = allowed;
            known = caller.IsKnown ? caller : known;
        }

        return (known, new Permissions(
            may[CallerScopes.Ingest], may[CallerScopes.Read], may[CallerScopes.Analyze], may[CallerScopes.Decide], may[CallerScopes.Bundle], may[CallerScopes.Admin]));
    }

    private static async ValueTask<(Caller Caller, bool Allowed)> AskAsync(HttpContext context, CallerGate gate, Endpoint endpoint, string scope)
    {
        var user = context.User;
        try
        {
            var policy = await FindPolicyAsync(context.RequestServices, endpoint.Metadata).ConfigureAwait(false);
            if (policy is not null)
            {
                var evaluator = context.RequestServices.GetRequiredService<IPolicyEvaluator>();
                var authenticated = await evaluator.AuthenticateAsync(policy, context).ConfigureAwait(false);
                var decision = await evaluator.AuthorizeAsync(policy, authenticated, context, context).ConfigureAwait(false);
                if (!decision.Succeeded)
                {
                    return (Caller.Nobody, false);
                }
            }

            var (caller, problem) = await gate.IdentifyAsync(context, isHosts: policy is not null).ConfigureAwait(false);
            return (caller, problem is null && caller.May(scope));
        }
        finally
        {
            context.User = user;
        }
    }

    private static async ValueTask<AuthorizationPolicy?> FindPolicyAsync(IServiceProvider services, EndpointMetadataCollection metadata)
    {
        if (metadata.GetMetadata<IAllowAnonymous>() is not null || services.GetService<IAuthorizationPolicyProvider>() is not { } policies
            || services.GetService<IPolicyEvaluator>() is null || services.GetService<IAuthenticationService>() is null)
        {
            return null;
        }

        return await AuthorizationPolicy.CombineAsync(
            policies, metadata.GetOrderedMetadata<IAuthorizeData>(), metadata.GetOrderedMetadata<AuthorizationPolicy>()).ConfigureAwait(false);
    }
}
