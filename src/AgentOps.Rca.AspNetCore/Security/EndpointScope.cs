using AgentOps.Rca.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore.Security;

/// <summary>Which scope a caller of an endpoint needs.</summary>
/// <param name="Scope">One of <see cref="CallerScopes"/>.</param>
internal sealed record EndpointScope(string Scope)
{
    private static readonly string[] Decisions = ["/approve", "/reject"];
    private static readonly string[] Bundles = ["/bundles", "/bundles/import"];
    private const string Audit = "/audit";

    /// <summary>Says it of every endpoint of a mapping that has a method of its own, and how much of its work is done at once.</summary>
    public static Action<EndpointBuilder> Mark(string prefix, WorkLimits limits) => endpoint =>
    {
        if (endpoint is RouteEndpointBuilder { RoutePattern.RawText: { } text }
            && EndpointPart.Below(prefix, text).TrimEnd('/') is var path
            && endpoint.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault()?.HttpMethods is { } methods
            && EndpointPart.UseOf(path, methods) is { } use)
        {
            endpoint.Metadata.Add(new EndpointScope(Of(path, use)));
            if (limits.Find(path, methods, use) is { } limit)
            {
                endpoint.Metadata.Add(limit);
            }

            if (use == EndpointUse.Ingest && limits.Room is { } room)
            {
                endpoint.Metadata.Add(room);
            }
        }
    };

    private static string Of(string path, EndpointUse use) => use switch
    {
        _ when path.EndsWith(Audit, StringComparison.Ordinal) => CallerScopes.Admin,
        EndpointUse.Read or EndpointUse.Health => CallerScopes.Read,
        _ when Decisions.Any(path.EndsWith) => CallerScopes.Decide,
        _ when Bundles.Any(path.EndsWith) => CallerScopes.Bundle,
        EndpointUse.Ingest => CallerScopes.Ingest,
        _ => CallerScopes.Analyze,
    };
}
