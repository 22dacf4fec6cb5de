using System.Security.Claims;
using AgentOps.Rca.Identity;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>The holder of a key as the framework knows users.</summary>
internal static class KeyPrincipal
{
    public static ClaimsPrincipal Of(CallerKey key, bool bySession, string scheme = AgentOpsRcaKeyDefaults.AuthenticationScheme)
    {
        var identity = new ClaimsIdentity(scheme);
        identity.AddClaim(new Claim(AgentOpsRcaKeyDefaults.KeyClaim, key.Name));
        if (!key.IsShared)
        {
            identity.AddClaim(new Claim(identity.NameClaimType, key.Name));
        }

        foreach (string scope in key.Scopes.Contains(CallerScopes.Admin) ? CallerScopes.Everything : key.Scopes)
        {
            identity.AddClaim(new Claim(AgentOpsRcaKeyDefaults.ScopeClaim, scope));
        }

        if (key.Tenant is not null)
        {
            identity.AddClaim(new Claim(AgentOpsRcaKeyDefaults.TenantClaim, key.Tenant));
        }

        if (bySession)
        {
            identity.AddClaim(new Claim(AgentOpsRcaKeyDefaults.SessionClaim, "1"));
        }

        identity.Label = Label;
        return new ClaimsPrincipal(identity);
    }

    /// <summary>The identity of ours in a principal, or null. Claims alone make none: those of others may say anything.</summary>
    public static ClaimsIdentity? FindIn(ClaimsPrincipal user) => user.Identities.FirstOrDefault(static identity => identity.IsAuthenticated && identity.Label == Label);

    private const string Label = "agentops-rca-key";
}
