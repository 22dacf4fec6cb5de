using AgentOps.Rca.Identity;
using AgentOps.Rca.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Tenancy;

/// <summary>Checks the attributes of each option on its own.</summary>
[OptionsValidator]
internal sealed partial class RcaTenantsAttributes : IValidateOptions<RcaTenantsOptions>;

internal static class TenancyServiceCollectionExtensions
{
    private static readonly SettingsSection Section = SettingsSection.Of("Tenants") with
    {
        Aliases = [("AGENTOPS_TENANTS", nameof(RcaTenantsOptions.Names))],
        Flags = [nameof(RcaTenantsOptions.OwnStoresKeepTenantsApart)],
    };

    /// <summary>The tenants, which are there when the settings name some.</summary>
    public static void AddTenancy(this IServiceCollection services)
    {
        services.AddSettings<RcaTenantsOptions>(
            Section, static (given, options) => given.Values.Bind(options), new RcaTenantsAttributes(), Find);

        // What is registered later counts too.
        services.TryAddSingleton(new TenantServices(services));
        services.TryAddSingleton<RcaTenants>();
        services.TryAdd(ServiceDescriptor.Singleton<IRcaTenants, RcaTenants>(static provider => provider.GetRequiredService<RcaTenants>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RcaTenants>(static provider => provider.GetRequiredService<RcaTenants>()));
    }

    private static IEnumerable<SettingMistake> Find(RcaTenantsOptions options)
    {
        foreach (var name in options.List)
        {
            if (!RcaTenant.IsName(name))
            {
                yield return new(nameof(options.Names), $"names the tenant '{name}'; a tenant's name has {RcaTenant.Rule}.");
            }
        }

        if (options.List.Count > options.Most)
        {
            yield return new(nameof(options.Names), $"names more tenants than {nameof(options.Most)}, which is {options.Most}.");
        }
    }
}
