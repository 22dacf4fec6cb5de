using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca;

internal sealed class AgentOpsRcaBuilder(IServiceCollection services) : IAgentOpsRcaBuilder
{
    public IServiceCollection Services { get; } = services;
}
