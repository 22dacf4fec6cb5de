using System.Globalization;
using System.Runtime.CompilerServices;
using AgentOps.Rca.AspNetCore.Auditing;
using AgentOps.Rca.AspNetCore.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace AgentOps.Rca.AspNetCore;

/// <summary>What all mappings of one application share: who is let in, and that no two endpoints have one name.</summary>
internal sealed class MappedApi
{
    private static readonly ConditionalWeakTable<IServiceProvider, MappedApi> Applications = [];

    private int _count;
    private bool _isStartRecorded;

    /// <summary>What lets callers in, once it is chosen.</summary>
    public CallerGate? Gate { get; set; }

    /// <summary>What finds the tenant of a caller.</summary>
    public TenantGate? Tenants { get; set; }

    /// <summary>What records who was not let in.</summary>
    public Refusals? Refusals { get; set; }

    /// <summary>How much heavy work is done at once.</summary>
    public WorkLimits? WorkLimits { get; set; }

    public static MappedApi Of(IServiceProvider services) => Applications.GetOrCreateValue(services);

    /// <summary>Records once that the application has started, and with which settings.</summary>
    public void RecordStart(IServiceProvider services, CallerGate gate)
    {
        if (!_isStartRecorded)
        {
            _isStartRecorded = true;
            StartRecord.WhenStarted(services, gate);
        }
    }

    /// <summary>Gives the endpoints of one more mapping their final names and patterns.</summary>
    public Action<EndpointBuilder> NameNext()
    {
        var number = ++_count;
        return endpoint =>
        {
            if (number > 1 && endpoint.Metadata.OfType<IEndpointNameMetadata>().LastOrDefault() is { } name)
            {
                var own = string.Create(CultureInfo.InvariantCulture, $"{name.EndpointName}_{number}");
                endpoint.Metadata.Add(new EndpointNameMetadata(own));
                endpoint.Metadata.Add(new RouteNameMetadata(own));
            }

            // A group with an endpoint at its own address leaves a slash at the end, which telemetry would show as the route.
            if (endpoint is RouteEndpointBuilder { RoutePattern.RawText: { Length: > 1 } pattern } route && pattern.EndsWith('/'))
            {
                route.RoutePattern = RoutePatternFactory.Parse(pattern.TrimEnd('/'));
            }
        };
    }
}
