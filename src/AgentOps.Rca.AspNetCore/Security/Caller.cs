using System.Security.Claims;
using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.Identity;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>Who sends a request, as far as it is proven; a feature of the request once it was let in.</summary>
internal sealed class Caller
{
    /// <summary>Nobody in particular: where no key and no authentication is asked for.</summary>
    public static readonly Caller Nobody = new(null, null, null, null);

    private readonly string? _name;
    private readonly string? _scheme;
    private readonly string? _key;

    private Caller(string? name, string? scheme, string? key, IReadOnlySet<string>? scopes)
    {
        _name = name;
        _scheme = scheme;
        _key = key;
        Scopes = scopes;
    }

    /// <summary>What it may do; null when the host's policies alone say it.</summary>
    public IReadOnlySet<string>? Scopes { get; }

    /// <summary>The tenant that it belongs to, in whatever form it is named; null for none.</summary>
    public string? Tenant { get; private init; }

    /// <summary>Whether claims name more than one tenant, so that it belongs to none.</summary>
    public bool HasSeveralTenants { get; private init; }

    /// <summary>Whether it is known at all, be it as a holder of a key that everybody may have.</summary>
    public bool IsKnown => _scheme is not null;

    /// <summary>The caller of a request that was let in.</summary>
    public static Caller Of(HttpContext context) => context.Features.Get<Caller>() ?? Nobody;

    /// <summary>The holder of a key.</summary>
    public static Caller Of(CallerKey key) =>
        new(key.IsShared ? null : key.Name, AgentOpsRcaKeyDefaults.AuthenticationScheme, key.Name, key.Scopes) { Tenant = key.Tenant };

    /// <summary>Somebody whom the host's own authentication knows.</summary>
    /// <param name="context">The request.</param>
    /// <param name="claim">The claim that names people; null takes the identity's name, else its subject.</param>
    /// <param name="tenantClaim">The claim that names their tenant, or null.</param>
    public static Caller OfHost(HttpContext context, string? claim, string? tenantClaim)
    {
        var user = context.User;
        var scheme = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Ticket?.AuthenticationScheme
            ?? user.Identity?.AuthenticationType ?? "the host";
        var scopes = user.FindAll(AgentOpsRcaKeyDefaults.ScopeClaim).SelectMany(static scope => scope.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToHashSet(StringComparer.Ordinal);
        var tenants = tenantClaim is null ? [] : user.FindAll(tenantClaim).Select(static tenant => tenant.Value).Distinct(StringComparer.Ordinal).ToArray();
        return new Caller(NameOf(user, claim), scheme, key: null, scopes.Count == 0 ? null : scopes)
        {
            Tenant = tenants is [var tenant] ? tenant : null,
            HasSeveralTenants = tenants.Length > 1,
        };
    }

    /// <summary>Whether it may do what needs this scope.</summary>
    public bool May(string scope) => Scopes is null || CallerScopes.Allow(Scopes, scope);

    /// <summary>Whose share of the host's work its requests take: its own; that of its network address, where nobody in particular is known.</summary>
    public string ShareOf(HttpContext context) => _name is null ? $"{context.Connection.RemoteIpAddress}" : $"{Tenant}\n{_scheme}\n{_name}";

    /// <summary>Who acts, for the record.</summary>
    /// <param name="claimed">The name in the body, or null.</param>
    /// <param name="place">Where it stands there.</param>
    /// <param name="needsName">Whether the deed is nobody's when an identity has no name.</param>
    /// <param name="problem">Why it cannot be recorded: nobody acts in another's name.</param>
    /// <returns>The actor; null when nobody is known and nobody was named.</returns>
    public Actor? Sign(string? claimed, string place, bool needsName, out ApiProblem? problem)
    {
        problem = null;
        if (_scheme is null)
        {
            return Actor.Claimed(claimed);
        }

        if (_key == Actor.SharedKey)
        {
            return new Actor(claimed) { Scheme = _scheme, Key = _key };
        }

        if (_name is null)
        {
            problem = needsName || claimed is not null
                ? ApiProblem.At(ProblemKind.Forbidden, place, $"Your identity ({_scheme}) says no name, and a name in the body is only a claim; AgentOpsRca:Http:ActorClaim says which claim has it.")
                : null;
        }
        else if (claimed is not null && !PersonNames.AreTheSame(claimed, _name))
        {
            problem = ApiProblem.At(ProblemKind.Forbidden, place, $"You are {_name}, and nobody acts in another's name; leave it out.");
        }

        return new Actor(_name) { Authenticated = true, Scheme = _scheme, Key = _key };
    }

    private static string? NameOf(ClaimsPrincipal user, string? claim)
    {
        var name = claim is not null ? user.FindFirst(claim)?.Value
            : user.Identity?.Name ?? user.FindFirst("preferred_username")?.Value ?? user.FindFirst("sub")?.Value ?? user.FindFirst(ClaimTypes.NameIdentifier)?.Value;
        return string.IsNullOrWhiteSpace(name) || name.Length > Rca.Approvals.ApprovalRequest.LongestName || Redaction.ShownText.FindProblem(name) is not null ? null : name;
    }
}
