using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Mcp.Answers;

/// <summary>The addresses at which people see what an answer tells of.</summary>
internal static class PageLinks
{
    private const string ApiRoot = "rca_service_card";

    /// <summary>The address of a screen of the page; null when nobody knows where the page is.</summary>
    /// <param name="services">The services of the request.</param>
    /// <param name="parts">The screen and what it shows, such as <c>incident</c> and an id.</param>
    public static string? Of(IServiceProvider services, params string[] parts) =>
        Root(services) is { } root ? $"{root.TrimEnd('/')}/#{string.Join('/', parts.Select(Uri.EscapeDataString))}" : null;

    private static string? Root(IServiceProvider services) =>
        services.GetRequiredService<IOptions<AgentOpsRcaMcpOptions>>().Value.PageUrl is { } page ? page.AbsoluteUri
        : services.GetService<IHttpContextAccessor>()?.HttpContext is { } context
            ? services.GetRequiredService<LinkGenerator>().GetUriByName(context, ApiRoot, values: null)
        : null;
}
