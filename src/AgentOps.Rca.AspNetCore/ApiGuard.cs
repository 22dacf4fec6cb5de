using AgentOps.Rca.AspNetCore.Auditing;
using AgentOps.Rca.AspNetCore.Security;
using AgentOps.Rca.Tenancy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.AspNetCore;

/// <summary>What is put around every endpoint of an application, whichever door it belongs to.</summary>
internal static class ApiGuard
{
    /// <summary>Lets those in whom the application lets in, and makes exceptions that are no bugs problems.</summary>
    /// <param name="group">The endpoints.</param>
    /// <param name="endpoints">The application.</param>
    /// <param name="options">The settings of the HTTP side.</param>
    public static void GuardLikeTheApi(this RouteGroupBuilder group, IEndpointRouteBuilder endpoints, AgentOpsRcaHttpOptions options)
    {
        var services = endpoints.ServiceProvider;
        var loggers = services.GetRequiredService<ILoggerFactory>();
        var mapped = MappedApi.Of(services);
        var refusals = mapped.Refusals ??= Refusals.Of(services);
        var gate = mapped.Gate ??= new CallerGateSetup(loggers.CreateLogger<CallerGateSetup>())
            .Choose(
                services, options.RequireApiKey, () => endpoints.DataSources.SelectMany(source => source.Endpoints), refusals.RecordWrongKeyAsync);
        var tenants = mapped.Tenants ??= new TenantGate(services.GetRequiredService<IRcaTenants>());
        group.WithMetadata(gate, tenants, options);
        ((IEndpointConventionBuilder)group).Finally(new RequestGuard(gate, tenants, refusals.RecordAsync, loggers.CreateLogger<RequestGuard>()).Guard);
        mapped.RecordStart(services, gate);
    }
}
