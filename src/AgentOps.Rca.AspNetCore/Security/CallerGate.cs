using AgentOps.Rca.AspNetCore.Problems;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>
/// Lets requests in: the key is right, or the host's own authorization has let an authenticated user through; the scope allows it; and no page of
/// elsewhere is behind it.
/// </summary>
internal sealed class CallerGate(KeyAuthentication authentication, KeyDemand demand, Func<HttpContext, ValueTask> recordWrongKey, string? tenantClaim)
{
    public static readonly ApiProblem KeyIsMissing =
        new(ProblemKind.Unauthorized, "Send the key as 'Authorization: Bearer <key>' or as 'X-Api-Key: <key>'.");

    /// <summary>A key was sent, and is wrong.</summary>
    public static readonly ApiProblem KeyIsWrong =
        new(ProblemKind.Unauthorized, "The key is none of this host, or it is over. Send one as 'Authorization: Bearer <key>' or as 'X-Api-Key: <key>'.")
        { CredentialsError = "invalid_token" };

    private static readonly ApiProblem FromElsewhere = new(
        ProblemKind.Forbidden,
        "A page of another origin has sent this, and such pages change nothing here; origins that may are named to the CORS of the host (AGENTOPS_CORS_ORIGINS of the sample host).");

    private static readonly ApiProblem NotLoopback = new(
        ProblemKind.Forbidden,
        "No key is set, so this host answers under the names of its own machine only, such as localhost; set AGENTOPS_API_KEY or AGENTOPS_KEYS to use another.");

    public static readonly ApiProblem NoAntiforgery = new(
        ProblemKind.Forbidden,
        $"A write in a session of the page must carry the header {Sessions.AntiforgeryHeader} with the token that GET rca/session answers.");

    public KeyDemand Demand => demand;

    public KeyAuthentication Authentication => authentication;

    /// <summary>Records that a key was wrong, wherever it was sent.</summary>
    public ValueTask RecordWrongKeyAsync(HttpContext context) => recordWrongKey(context);

    /// <summary>Lets the request in, which then has a <see cref="Caller"/>, or says why not.</summary>
    public async ValueTask<ApiProblem?> AdmitAsync(HttpContext context)
    {
        if (await CrossSite.IsRefusedAsync(context).ConfigureAwait(false))
        {
            return FromElsewhere;
        }

        var metadata = context.GetEndpoint()?.Metadata;
        var isOpen = metadata?.GetMetadata<OpenEndpoint>() is not null;
        var isHosts = await HostAuthorization.HasAsync(context).ConfigureAwait(false);
        if (demand == KeyDemand.None && !isHosts && metadata?.GetMetadata<LivenessEndpoint>() is null && !LoopbackNames.Contains(context.Request.Host))
        {
            return NotLoopback;
        }

        if (metadata?.GetMetadata<LivenessEndpoint>() is not null)
        {
            // Whether the process answers must not wait for a store.
            context.Features.Set(Caller.Nobody);
            return null;
        }

        var (caller, problem) = await IdentifyAsync(context, isHosts).ConfigureAwait(false);
        if (isOpen)
        {
            context.Features.Set(caller);
            return null;
        }

        if (problem is not null)
        {
            return problem;
        }

        context.Features.Set(caller);
        if (metadata?.GetMetadata<EndpointScope>() is { } needed && !caller.May(needed.Scope))
        {
            return new ApiProblem(ProblemKind.Forbidden, $"This needs the scope {needed.Scope}, which {(caller.Scopes!.Count == 0 ? "this identity" : $"a key with {string.Join(", ", caller.Scopes.Order(StringComparer.Ordinal))}")} does not have.");
        }

        return null;
    }

    /// <summary>Who sends the request, where the host's own authorization stands before it or not, or why nobody is let in.</summary>
    public async ValueTask<(Caller Caller, ApiProblem? Problem)> IdentifyAsync(HttpContext context, bool isHosts)
    {
        // What is sent as a key counts for nothing where none is asked for, unless it is one.
        var (sent, key, bySession) = await authentication.FindAsync(context).ConfigureAwait(false);
        if (key is not null)
        {
            context.User = KeyPrincipal.FindIn(context.User) is null ? KeyPrincipal.Of(key, bySession) : context.User;
            return bySession && IsWrite(context.Request) && !Sessions.HasAntiforgery(context.Request)
                ? (Caller.Nobody, NoAntiforgery)
                : (Caller.Of(key), null);
        }

        var isUser = isHosts && context.User.Identity?.IsAuthenticated == true;
        var host = isUser ? Caller.OfHost(context, HttpSettings.Of(context).ActorClaim, tenantClaim) : Caller.Nobody;
        return demand switch
        {
            KeyDemand.None or KeyDemand.Off => (host, null),
            KeyDemand.Always => (Caller.Nobody, sent.IsWrong ? KeyIsWrong : KeyIsMissing),
            _ when isUser && !sent.IsOurs => (host, null),
            KeyDemand.UnlessHostAuthorizes when isHosts && !sent.IsOurs => (host, null),
            _ => (Caller.Nobody, sent.IsWrong ? KeyIsWrong : KeyIsMissing),
        };
    }

    private static bool IsWrite(HttpRequest request) =>
        !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && !HttpMethods.IsOptions(request.Method);
}
