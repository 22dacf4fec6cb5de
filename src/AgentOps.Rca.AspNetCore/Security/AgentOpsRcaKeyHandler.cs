using System.Text.Encodings.Web;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.Bundles.Signing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
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
        // Where a policy of the host stands before an endpoint, it is here that a wrong key is turned away.
        var isWrong = (await HandleAuthenticateOnceSafeAsync().ConfigureAwait(false)).Failure is not null;
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

        await (isWrong ? CallerGate.KeyIsWrong : CallerGate.KeyIsMissing).ExecuteAsync(Context).ConfigureAwait(false);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        new ApiProblem(ProblemKind.Forbidden, "A policy of this host does not let the holder of this key do that.").ExecuteAsync(Context);
}
