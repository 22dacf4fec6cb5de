using System.Diagnostics.CodeAnalysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.AspNetCore;
using AgentOps.Rca.AspNetCore.Analysis;
using AgentOps.Rca.AspNetCore.Approvals;
using AgentOps.Rca.AspNetCore.Artifacts;
using AgentOps.Rca.AspNetCore.Auditing;
using AgentOps.Rca.AspNetCore.Bundles;
using AgentOps.Rca.AspNetCore.Docs;
using AgentOps.Rca.AspNetCore.Importing;
using AgentOps.Rca.AspNetCore.Incidents;
using AgentOps.Rca.AspNetCore.Kpis;
using AgentOps.Rca.AspNetCore.OpenApi;
using AgentOps.Rca.AspNetCore.OpenTelemetry;
using AgentOps.Rca.AspNetCore.Page;
using AgentOps.Rca.AspNetCore.Patterns;
using AgentOps.Rca.AspNetCore.Reading;
using AgentOps.Rca.AspNetCore.Replay;
using AgentOps.Rca.AspNetCore.Security;
using AgentOps.Rca.AspNetCore.Service;
using AgentOps.Rca.AspNetCore.Session;
using AgentOps.Rca.AspNetCore.Spans;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Builder;

/// <summary>The HTTP API of AgentOps.Rca.</summary>
public static class AgentOpsRcaEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps every endpoint of the API under <paramref name="pattern"/>. Services are those of <c>AddAgentOpsRca()</c>; settings of the
    /// HTTP side are in <see cref="AgentOpsRcaHttpOptions"/>. At the root of the host, <c>/</c>, <c>/health</c>, <c>/openapi/v1.json</c> and
    /// <c>/docs</c> give way to what the host maps itself. A browser that opens <paramref name="pattern"/> gets the page for people. The
    /// endpoints are left out of API descriptions that the host generates, unless <see cref="AgentOpsRcaHttpOptions.DescribeInHost"/> is set;
    /// their own is at <c>/openapi/v1.json</c>.
    /// </summary>
    /// <remarks>
    /// It may be called for several patterns. The first mapping's endpoints have the names that the description gives them, those of the
    /// second the same with <c>_2</c> behind, and so on.
    /// </remarks>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">What stands before every path, such as <c>/rca</c>; nothing by default.</param>
    /// <returns>All endpoints, to add conventions to, such as <c>RequireAuthorization()</c>, and their parts by what they are for.</returns>
    /// <exception cref="InvalidOperationException"><c>AddAgentOpsRca()</c> was not called.</exception>
    /// <exception cref="OptionsValidationException">A setting is wrong; each sentence names one.</exception>
    public static AgentOpsRcaEndpoints MapAgentOpsRca(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern = "")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        var services = endpoints.ServiceProvider;
        if (services.GetService<IServiceProviderIsService>()?.IsService(typeof(ArtifactVault)) == false)
        {
            throw new InvalidOperationException(
                "MapAgentOpsRca() needs the services of AgentOps.Rca. Add this line before the application is built: builder.Services.AddAgentOpsRca();");
        }

        var options = HttpSettings.Read(services);
        HostJson.AddTypes(services);
        var group = endpoints.MapGroup(pattern);
        var limits = options.Limits;
        group.WithMetadata(limits);
        if (!options.DescribeInHost)
        {
            group.ExcludeFromDescription();
        }

        var conventions = (IEndpointConventionBuilder)group;
        var work = MappedApi.Of(services).WorkLimits ??= new WorkLimits(options);
        conventions.Add(EndpointScope.Mark(pattern, work));
        group.WithMetadata(work, work.Memory);
        group.GuardLikeTheApi(endpoints, options);
        conventions.Finally(MappedApi.Of(services).NameNext());
        var service = group.MapGroup("");
        if (pattern.Trim('/').Length == 0)
        {
            // What the host maps at the same address comes first.
            service.WithOrder(1);
        }

        service.MapService();
        service.MapOpenApiDocument();
        service.MapDocs();
        service.MapPageFiles();
        service.MapSession();
        group.MapIncidents(limits);
        group.MapIncidentSpans(limits);
        group.MapArtifacts(limits);
        group.MapSpans(limits);
        if (options.MapOtlp)
        {
            group.MapOtlp(limits);
        }

        group.MapAnalysis(limits);
        group.MapPatterns();
        group.MapApprovals(limits);
        group.MapKpis();
        group.MapAudit();
        group.MapTimeline();
        group.MapRunSearch();
        group.MapCompare(limits);
        group.MapRunSteps();
        group.MapEvidence();
        group.MapPostmortem();
        group.MapReplay(limits);
        group.MapBundles(limits);
        group.MapImports(limits);
        return new AgentOpsRcaEndpoints(group, pattern);
    }

    /// <summary>
    /// Maps the page for people at an address of its own, for hosts that have something else at the root of the API. <c>MapAgentOpsRca()</c>
    /// has it at its own root already. The page asks for nothing but the API.
    /// </summary>
    /// <param name="endpoints">The application, or the group that the API is mapped in.</param>
    /// <param name="pattern">Where the page is, such as <c>/ui</c>.</param>
    /// <param name="api">The pattern that <c>MapAgentOpsRca()</c> was given on the same <paramref name="endpoints"/>.</param>
    /// <returns>The group of the page's endpoints, to add conventions to, such as <c>RequireAuthorization()</c>.</returns>
    /// <exception cref="ArgumentException"><paramref name="api"/> has parameters.</exception>
    public static RouteGroupBuilder MapAgentOpsRcaPage(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern = "/ui", string api = "")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(api);
        if (api.Contains('{', StringComparison.Ordinal))
        {
            throw new ArgumentException("It must be a path without parameters: the page finds the API relative to its own address.", nameof(api));
        }

        var group = endpoints.MapGroup(pattern);
        group.ExcludeFromDescription();
        group.MapPage(PageFiles.ApiSeenFrom(pattern, api));
        return group;
    }
}
