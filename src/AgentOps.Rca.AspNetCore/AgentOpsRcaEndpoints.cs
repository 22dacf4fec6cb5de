using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace AgentOps.Rca.AspNetCore;

/// <summary>
/// The endpoints of one mapping: all of them, to add conventions to such as <c>RequireAuthorization()</c>, and by what they are for, so that agents,
/// probes, readers and approvers each get a policy of their own. A convention of a part is added to those of all.
/// </summary>
public sealed class AgentOpsRcaEndpoints : IEndpointRouteBuilder, IEndpointConventionBuilder
{
    private readonly RouteGroupBuilder _group;

    internal AgentOpsRcaEndpoints(RouteGroupBuilder group, string prefix)
    {
        _group = group;
        Ingest = new EndpointPart(group, prefix, EndpointUse.Ingest);
        Read = new EndpointPart(group, prefix, EndpointUse.Read);
        Act = new EndpointPart(group, prefix, EndpointUse.Act);
        Health = new EndpointPart(group, prefix, EndpointUse.Health);
    }

    /// <summary>Those that records come in by: incidents, spans and links, artifacts, OTLP, bundles of others.</summary>
    public IEndpointConventionBuilder Ingest { get; }

    /// <summary>Those that show what there is and change nothing, the checking of bundles and the descriptions of the API included.</summary>
    public IEndpointConventionBuilder Read { get; }

    /// <summary>Those that make something new of the records: analyses, decisions, replays, bundles.</summary>
    public IEndpointConventionBuilder Act { get; }

    /// <summary>Those that probes ask: liveness and readiness.</summary>
    public IEndpointConventionBuilder Health { get; }

    /// <inheritdoc/>
    IServiceProvider IEndpointRouteBuilder.ServiceProvider => ((IEndpointRouteBuilder)_group).ServiceProvider;

    /// <inheritdoc/>
    ICollection<EndpointDataSource> IEndpointRouteBuilder.DataSources => ((IEndpointRouteBuilder)_group).DataSources;

    /// <inheritdoc/>
    public void Add(Action<EndpointBuilder> convention) => ((IEndpointConventionBuilder)_group).Add(convention);

    /// <inheritdoc/>
    public void Finally(Action<EndpointBuilder> finallyConvention) => ((IEndpointConventionBuilder)_group).Finally(finallyConvention);

    /// <inheritdoc/>
    IApplicationBuilder IEndpointRouteBuilder.CreateApplicationBuilder() => ((IEndpointRouteBuilder)_group).CreateApplicationBuilder();
}
