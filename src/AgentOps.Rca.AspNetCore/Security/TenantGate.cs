using AgentOps.Rca.AspNetCore.Problems;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Tenancy;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>Gives a request the services of its caller's tenant, where the host keeps tenants apart, and so stores in which nothing of another is.</summary>
internal sealed class TenantGate(IRcaTenants tenants)
{
    private static readonly ApiProblem NoTenant = new(
        ProblemKind.Forbidden,
        "This host keeps tenants apart, and this caller belongs to none: a key names its tenant in its line (tenant=NAME), a user of the host by the claim of AgentOpsRca:Tenants:Claim.");

    private static readonly ApiProblem SeveralTenants =
        new(ProblemKind.Forbidden, "This host keeps tenants apart, and the claims of this identity name several: it must name one.");

    private static readonly ApiProblem NoSuchTenant = new(ProblemKind.Forbidden, "This host has no such tenant as this caller belongs to.");

    private static readonly ApiProblem NoTenants =
        new(ProblemKind.Forbidden, "This key belongs to a tenant, and this host keeps none apart: AgentOpsRca:Tenants:Names turns them on.");

    /// <summary>How many tenants are open; null where none are kept apart.</summary>
    public int? OpenCount => tenants.IsOn ? tenants.OpenCount : null;

    /// <summary>Why the caller reaches no records, or null.</summary>
    /// <param name="caller">Who it is.</param>
    /// <param name="metadata">What is known of the endpoint.</param>
    /// <param name="tenant">The tenant whose services answer; null for those of the host.</param>
    public ApiProblem? Find(Caller caller, EndpointMetadataCollection? metadata, out string? tenant)
    {
        tenant = null;
        var isOpen = metadata?.GetMetadata<OpenEndpoint>() is not null;
        if (!tenants.IsOn)
        {
            return caller.Tenant is null || isOpen ? null : NoTenants;
        }

        if (caller.Tenant is { } own && tenants.Has(own))
        {
            tenant = own;
            return null;
        }

        // Who runs the host reads of refused keys and starts, which are no tenant's.
        return isOpen || (caller is { Tenant: null, Scopes: not null } && metadata?.GetMetadata<EndpointScope>()?.Scope == CallerScopes.Admin) ? null
            : caller.HasSeveralTenants ? SeveralTenants
            : caller.Tenant is null ? NoTenant
            : NoSuchTenant;
    }

    /// <summary>Makes the services of the request those of the tenant.</summary>
    /// <returns>What ends them, after the answer.</returns>
    public async ValueTask<IAsyncDisposable> EnterAsync(HttpContext context, string tenant)
    {
        var services = await tenants.OpenAsync(tenant, context.RequestAborted).ConfigureAwait(false);
        var request = new TenantRequestServices(services.CreateAsyncScope(), context.RequestServices);
        context.RequestServices = request;
        return new Entered(context, request);
    }

    private sealed class Entered(HttpContext context, TenantRequestServices request) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            context.RequestServices = request.Host;
            return request.DisposeAsync();
        }
    }
}
