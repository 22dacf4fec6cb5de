using AgentOps.Rca.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca;

internal static class AgentOpsRcaOptionsServiceCollectionExtensions
{
    /// <summary>The settings, read once from the configuration, then changed by the user's code, then validated when the host starts.</summary>
    public static void AddAgentOpsRcaOptions(this IServiceCollection services, Action<AgentOpsRcaOptions>? configure)
    {
        services.TryAddSingleton<ContentRoot>();
        services.AddSettings<AgentOpsRcaOptions>(
            AgentOpsRcaSettings.Section,
            static (given, options) =>
            {
                given.Values.Bind(options);
                options.IsInMemory = given.IsInMemory;
            },
            new AgentOpsRcaOptionsAttributes(),
            AgentOpsRcaRules.Find);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<AgentOpsRcaOptions>, ContentRootPaths>());
        if (configure is not null)
        {
            services.Configure(configure);
        }
    }
}
