using AgentOps.Rca.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Retention;

/// <summary>Checks the attributes of each option on its own.</summary>
[OptionsValidator]
internal sealed partial class RetentionAttributes : IValidateOptions<RetentionOptions>;

/// <summary>Where it is set how long records are kept.</summary>
internal static class RetentionSettings
{
    private static readonly SettingsSection Section = SettingsSection.Of("Retention") with
    {
        Durations =
        [
            nameof(RetentionOptions.BaselineAge), nameof(RetentionOptions.OrphanedContentAge), nameof(RetentionOptions.Pause),
            nameof(RetentionOptions.Interval), nameof(RetentionOptions.ContentInterval),
        ],
    };

    public static OptionsBuilder<RetentionOptions> AddRetentionSettings(this IServiceCollection services) => services.AddSettings<RetentionOptions>(
        Section, static (given, options) => given.Values.Bind(options), new RetentionAttributes());
}
