using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore;

/// <summary>What an endpoint is for.</summary>
internal enum EndpointUse
{
    Ingest,
    Read,
    Act,
    Health,
}

/// <summary>The endpoints of a group that are for one use.</summary>
internal sealed class EndpointPart(IEndpointConventionBuilder group, string prefix, EndpointUse use) : IEndpointConventionBuilder
{
    private static readonly string[] IngestPaths =
        ["/incidents", "/artifacts", "/spans", "/v1/traces", "/v1/logs", "/v1/metrics", "/bundles/import", "/imports"];

    private static readonly string[] ReadingPosts = ["/bundles/verify", "/rca/compare", "/rca/session"];
    private static readonly string[] HealthPaths = ["/health", "/health/ready"];

    public void Add(Action<EndpointBuilder> convention) => group.Add(Limited(convention));

    public void Finally(Action<EndpointBuilder> finallyConvention) => group.Finally(Limited(finallyConvention));

    /// <summary>What the endpoint of these methods at this path is for; null for the answers to methods that do not exist there.</summary>
    public static EndpointUse? UseOf(string path, IReadOnlyList<string>? methods) =>
        methods is not { Count: > 0 } ? null
        : methods.Contains("GET") || methods.Contains("HEAD") ? HealthPaths.Any(path.EndsWith) ? EndpointUse.Health : EndpointUse.Read
        : IngestPaths.Any(path.EndsWith) ? EndpointUse.Ingest
        : ReadingPosts.Any(path.EndsWith) ? EndpointUse.Read
        : EndpointUse.Act;

    private Action<EndpointBuilder> Limited(Action<EndpointBuilder> convention) => endpoint =>
    {
        if (endpoint is RouteEndpointBuilder { RoutePattern.RawText: { } path }
            && UseOf(Below(prefix, path).TrimEnd('/'), endpoint.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault()?.HttpMethods) == use)
        {
            convention(endpoint);
        }
    };

    /// <summary>The path behind the prefix, which may itself end as one of the paths does.</summary>
    public static string Below(string prefix, string path) =>
        prefix.Trim('/') is { Length: > 0 } own && path.IndexOf(own, StringComparison.Ordinal) is var at and >= 0 ? path[(at + own.Length)..] : path;
}
