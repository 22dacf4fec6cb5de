using AgentOps.Rca.Settings;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Recording;

/// <summary>Checks the attributes of each option on its own.</summary>
[OptionsValidator]
internal sealed partial class ActivityRecorderAttributes : IValidateOptions<ActivityRecorderOptions>;

/// <summary>Where it is set what is recorded, and what attributes cannot say of it.</summary>
internal static class ActivityRecorderSettings
{
    public static readonly SettingsSection Section = SettingsSection.Of("RecordActivities") with
    {
        Durations = [nameof(ActivityRecorderOptions.FlushInterval), nameof(ActivityRecorderOptions.StopPatience)],
    };

    public static IEnumerable<SettingMistake> Find(ActivityRecorderOptions options)
    {
        if (options.Sources.Any(string.IsNullOrWhiteSpace))
        {
            yield return new(nameof(options.Sources), "holds an empty name; name sources such as MyAgent.*.");
        }
    }
}
