using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca;

internal static class AgentOpsRcaOptionsServiceCollectionExtensions
{
    /// <summary>The settings, read once from the environment, then changed by the user's code, then validated when the host starts.</summary>
    public static void AddAgentOpsRcaOptions(this IServiceCollection services, Action<AgentOpsRcaOptions>? configure)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<AgentOpsRcaOptions>, AgentOpsRcaEnvironment>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AgentOpsRcaOptions>, AgentOpsRcaOptionsValidator>());
        services.AddOptions<AgentOpsRcaOptions>().ValidateOnStart();
        if (configure is not null)
        {
            services.Configure(configure);
        }
    }
}
