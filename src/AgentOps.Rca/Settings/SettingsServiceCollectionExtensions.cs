using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Settings;

internal static class SettingsServiceCollectionExtensions
{
    /// <summary>
    /// Options that are filled from their section, then changed by code, then checked by their attributes and one rule when the host starts.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="section">Where the settings stand.</param>
    /// <param name="bind">Binds them; a lambda of its own for each type, so that the binding is generated.</param>
    /// <param name="attributes">The generated validator; null when the options have no attributes.</param>
    /// <param name="rule">What attributes cannot say; null when there is nothing.</param>
    public static OptionsBuilder<TOptions> AddSettings<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(
        this IServiceCollection services,
        SettingsSection section,
        Action<GivenSettings, TOptions> bind,
        IValidateOptions<TOptions>? attributes = null,
        Func<TOptions, IEnumerable<SettingMistake>>? rule = null)
        where TOptions : class
    {
        services.TryAddSingleton<SettingsSource>();
        if (!services.Any(static service => service.ServiceType == typeof(SectionOptions<TOptions>)))
        {
            services.AddSingleton(provider => new SectionOptions<TOptions>(provider.GetRequiredService<SettingsSource>(), section, bind));

            // Before what code sets, wherever that was registered.
            services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<TOptions>>(
                static provider => provider.GetRequiredService<SectionOptions<TOptions>>()));
            services.AddSingleton<IValidateOptions<TOptions>>(
                provider => new SettingsValidator<TOptions>(provider.GetRequiredService<SettingsSource>(), section, attributes, rule));
        }

        return services.AddOptions<TOptions>().ValidateOnStart();
    }
}
