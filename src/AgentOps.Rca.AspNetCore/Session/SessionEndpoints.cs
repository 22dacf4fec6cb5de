using AgentOps.Rca.AspNetCore.Auditing;
using AgentOps.Rca.AspNetCore.Json;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.AspNetCore.Requests;
using AgentOps.Rca.AspNetCore.Security;
using AgentOps.Rca.Auditing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore.Session;

/// <summary>Signing in on the page, and what the caller may do: the page has no button for what it may not.</summary>
internal static class SessionEndpoints
{
    private const int LongestKey = 512;
    private const long LongestBody = 4 * 1024;

    public static void MapSession(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/rca/session").WithTags("service").WithMetadata(OpenEndpoint.Instance).AllowAnonymous();
        group.MapGet("", ReadAsync)
            .WithName("rca_session")
            .WithSummary("Who the caller is here, and what it may do.")
            .Produces<SessionResponse>()
            .Fails(503);
        group.MapPost("", BeginAsync)
            .WithName("rca_sign_in")
            .WithSummary("Signs a browser in with a key; the session is a cookie that scripts cannot read.")
            .WithMetadata(new BodyLimit(LongestBody))
            .Produces<SessionResponse>()
            .Fails(400, 401, 403, 413, 415, 422, 503);
        group.MapDelete("", EndAsync)
            .WithName("rca_sign_out")
            .WithSummary("Ends the session of the browser.")
            .Produces(StatusCodes.Status204NoContent)
            .Fails(403, 503);
        group.OnlyMethods("", "DELETE, GET, POST");
    }

    private static async Task<JsonHttpResult<SessionResponse>> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var cookie = context.Request.Cookies[Sessions.NameOn(context.Request)];
        var isSession = cookie is not null && await Authentication(context).Sessions.FindAsync(context).ConfigureAwait(false) is not null;
        return await AnswerAsync(context, isSession ? cookie : null, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<Results<JsonHttpResult<SessionResponse>, ApiProblem>> BeginAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(context.Request, optional: false, cancellationToken).ConfigureAwait(false);
        if (body is null)
        {
            return unreadable!;
        }

        var sent = body.Text("key", LongestKey, required: true);
        if (body.Problem is { } problem)
        {
            return problem;
        }

        var authentication = Authentication(context);
        if (authentication.Keys.Find(sent) is not { } key)
        {
            await Gate(context).RecordWrongKeyAsync(context).ConfigureAwait(false);
            return ApiProblem.At(ProblemKind.Unauthorized, "/key", "The key is none of this host, or it is over.");
        }

        var cookie = await authentication.Sessions.BeginAsync(context, key).ConfigureAwait(false);

        context.Features.Set(Caller.Of(key));
        await context.AuditAsync(AuditActions.SignIn, @object: null).ConfigureAwait(false);

        // The answer is that of the next request, which sends the cookie.
        context.Request.Headers.Cookie = $"{Sessions.NameOn(context.Request)}={cookie}";
        context.Request.Headers[Sessions.AntiforgeryHeader] = Sessions.AntiforgeryOf(cookie);
        return await AnswerAsync(context, cookie, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<Results<NoContent, ApiProblem>> EndAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var sessions = Authentication(context).Sessions;
        if (await sessions.FindIdAsync(context).ConfigureAwait(false) is { } session)
        {
            if (!Sessions.HasAntiforgery(context.Request))
            {
                return CallerGate.NoAntiforgery;
            }

            // Durable before the answer: a copy of the cookie is worth nothing from now on.
            await context.AuditAsync(AuditActions.SignOut, EndedSessions.ObjectOf(session)).ConfigureAwait(false);
            sessions.ReadEndedAgain();
        }

        cancellationToken.ThrowIfCancellationRequested();
        Sessions.End(context);
        return TypedResults.NoContent();
    }

    private static async ValueTask<JsonHttpResult<SessionResponse>> AnswerAsync(HttpContext context, string? cookie, CancellationToken cancellationToken)
    {
        var (caller, may) = await PermissionReader.ReadAsync(context, cancellationToken).ConfigureAwait(false);
        var records = context.GetEndpoint()!.Metadata.GetRequiredMetadata<TenantGate>().Find(caller, metadata: null, out var tenant);
        if (records is not null && caller.IsKnown)
        {
            // Whose records are nowhere may do nothing with them.
            may = new Permissions(false, false, false, false, false, false);
        }

        var actor = caller.Sign(claimed: null, "", needsName: false, out _);
        return JsonAnswer.Ok(
            new SessionResponse(actor, may, KeySignIn: !caller.IsKnown && !may.Read && AsksForKey(context), cookie is null ? null : Sessions.AntiforgeryOf(cookie), tenant),
            SessionJsonContext.Default.SessionResponse);
    }

    private static bool AsksForKey(HttpContext context) => Gate(context).Demand is not (KeyDemand.None or KeyDemand.Off);

    private static KeyAuthentication Authentication(HttpContext context) => Gate(context).Authentication;

    private static CallerGate Gate(HttpContext context) => context.GetEndpoint()!.Metadata.GetRequiredMetadata<CallerGate>();
}
