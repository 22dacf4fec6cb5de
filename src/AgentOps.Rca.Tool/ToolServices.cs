using AgentOps.Rca.AspNetCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tool;

/// <summary>The library as the tool uses it: everything in memory, and no setting from anywhere but the command line.</summary>
internal static class ToolServices
{
    /// <summary>Services of their own, for one command.</summary>
    /// <param name="add">Adds to them, or null.</param>
    public static ServiceProvider Create(Action<IAgentOpsRcaBuilder>? add = null)
    {
        var services = new ServiceCollection();
        AddTo(services, add);
        return services.BuildServiceProvider();
    }

    /// <summary>The same in an application.</summary>
    public static void AddTo(IServiceCollection services, Action<IAgentOpsRcaBuilder>? add = null)
    {
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        var rca = services.AddAgentOpsRca().UseInMemory();

        // It listens to this machine only.
        services.Configure<AgentOpsRcaHttpOptions>(static options => options.RequireApiKey = false);
        add?.Invoke(rca);
    }
}
