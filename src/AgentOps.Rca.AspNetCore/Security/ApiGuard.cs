using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>What is put around every endpoint of an application, whichever door it belongs to.</summary>
internal static class ApiGuard
{
    /// <summary>Asks callers for the key of the application, and makes exceptions that are no bugs problems.</summary>
    /// <param name="group">The endpoints.</param>
    /// <param name="endpoints">The application.</param>
    /// <param name="options">The settings of the HTTP side.</param>
    public static void GuardLikeTheApi(this RouteGroupBuilder group, IEndpointRouteBuilder endpoints, AgentOpsRcaHttpOptions options)
    {
        var services = endpoints.ServiceProvider;
        var loggers = services.GetRequiredService<ILoggerFactory>();
        var key = MappedApi.Of(services).Key ??= new ApiKeySetup(loggers.CreateLogger<ApiKeySetup>())
            .Choose(services, options.RequireApiKey, () => endpoints.DataSources.SelectMany(source => source.Endpoints));
        group.WithMetadata(key, options);
        ((IEndpointConventionBuilder)group).Finally(new RequestGuard(key, loggers.CreateLogger<RequestGuard>()).Guard);
    }
}
