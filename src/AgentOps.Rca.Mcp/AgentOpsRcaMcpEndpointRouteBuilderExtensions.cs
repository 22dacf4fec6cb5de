using System.Diagnostics.CodeAnalysis;
using AgentOps.Rca.AspNetCore;
using AgentOps.Rca.AspNetCore.Security;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Mcp.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>The MCP server of AgentOps.Rca over HTTP.</summary>
public static class AgentOpsRcaMcpEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Serves the MCP server of <c>AddMcp()</c>, as streamable HTTP without sessions. Callers send the same key as those of the API do, and what is
    /// masked there is masked here.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">Where it is, such as <c>/mcp</c>.</param>
    /// <returns>Its endpoints, to add conventions to, such as <c>RequireAuthorization()</c>.</returns>
    /// <exception cref="InvalidOperationException"><c>AddMcp()</c> was not called.</exception>
    public static IEndpointConventionBuilder MapAgentOpsRcaMcp(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern = "/mcp")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        var server = endpoints.ServiceProvider.GetService<RcaMcpServer>() ?? throw new InvalidOperationException(
            "MapAgentOpsRcaMcp() needs the MCP server. Add it before the application is built: builder.Services.AddAgentOpsRca().AddMcp();");
        var group = endpoints.MapGroup(pattern);
        group.ExcludeFromDescription();
        // Tools that act ask for more themselves.
        group.WithMetadata(new EndpointScope(CallerScopes.Read));
        group.GuardLikeTheApi(endpoints, HttpSettings.Read(endpoints.ServiceProvider));
        server.Map(group);
        return group;
    }
}
