using System.Text.Encodings.Web;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Bundles.Signing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>The keys as a scheme of the framework. What a request may do is for policies and for the endpoints themselves.</summary>
internal sealed class AgentOpsRcaKeyHandler(
    IOptionsMonitor<AgentOpsRcaKeyOptions> options, ILoggerFactory loggers, UrlEncoder encoder, CallerKeySet keys, ISigningKeyProvider signingKeys, TimeProvider timeProvider,
    EndedSessions ended)
    : AuthenticationHandler<AgentOpsRcaKeyOptions>(options, loggers, encoder), IOfTheHostAlone
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var authentication = new KeyAuthentication(keys, new Sessions(keys, signingKeys, timeProvider, ended));
        var (sent, key, bySession) = await authentication.FindAsync(Context).ConfigureAwait(false);
        return key is not null ? AuthenticateResult.Success(new AuthenticationTicket(KeyPrincipal.Of(key, bySession, Scheme.Name), Scheme.Name))
            : sent.IsOurs ? AuthenticateResult.Fail("The key is none of this host, or it is over.")
            // A bearer token may be for another scheme.
            : AuthenticateResult.NoResult();
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        // Where a policy of the host stands before an endpoint, it is here that a wrong key is turned away, whichever header it came in.
        var isWrong = SentKey.Read(Request.Headers, keys).IsWrong;
        if (isWrong && Context.GetEndpoint()?.Metadata.GetMetadata<CallerGate>() is { } gate)
        {
            await gate.RecordWrongKeyAsync(Context).ConfigureAwait(false);
        }

        // A person gets the page, which asks for the key; it holds nothing of the records.
        if (Context.GetEndpoint()?.Metadata.GetMetadata<SignInPage>() is { } page
            && MediaTypes.Asks(Request, MediaTypes.Html) && !MediaTypes.Asks(Request, MediaTypes.Json))
        {
            await page.Show(Context).ExecuteAsync(Context).ConfigureAwait(false);
            return;
        }

        var problem = isWrong ? CallerGate.KeyIsWrong : CallerGate.KeyIsMissing;
        if (await IsFollowedAsync().ConfigureAwait(false))
        {
            // The next scheme has its challenge to say, which is too late once a body is written.
            Response.StatusCode = StatusCodes.Status401Unauthorized;
            problem.SayChallenge(Response.Headers);
            return;
        }

        await problem.ExecuteAsync(Context).ConfigureAwait(false);
    }

    // Whether the endpoint's policy names another scheme after this one.
    private async ValueTask<bool> IsFollowedAsync()
    {
        if (Context.GetEndpoint()?.Metadata is not { } metadata || Context.RequestServices.GetService<IAuthorizationPolicyProvider>() is not { } policies)
        {
            return false;
        }

        var policy = await AuthorizationPolicy.CombineAsync(
            policies, metadata.GetOrderedMetadata<IAuthorizeData>(), metadata.GetOrderedMetadata<AuthorizationPolicy>()).ConfigureAwait(false);
        return policy?.AuthenticationSchemes is [.., var last] && last != Scheme.Name && policy.AuthenticationSchemes.Contains(Scheme.Name);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        new ApiProblem(ProblemKind.Forbidden, "A policy of this host does not let the holder of this key do that.").ExecuteAsync(Context);
}
