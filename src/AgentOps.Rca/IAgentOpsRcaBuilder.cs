using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca;

/// <summary>What <c>AddAgentOpsRca()</c> returns: the place for <c>Use…</c> calls that choose stores and models.</summary>
public interface IAgentOpsRcaBuilder
{
    /// <summary>The services being registered.</summary>
    IServiceCollection Services { get; }
}
