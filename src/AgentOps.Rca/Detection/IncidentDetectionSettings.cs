using AgentOps.Rca.Settings;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Detection;

/// <summary>Checks the attributes of each option on its own.</summary>
[OptionsValidator]
internal sealed partial class IncidentDetectionAttributes : IValidateOptions<IncidentDetectionOptions>;

/// <summary>Where the rules are set, and what attributes cannot say of them; no sentence repeats the secret.</summary>
internal static class IncidentDetectionSettings
{
    public static readonly SettingsSection Section = SettingsSection.Of("DetectIncidents") with
    {
        Durations =
        [
            nameof(IncidentDetectionOptions.MaxDuration), nameof(IncidentDetectionOptions.Settle), nameof(IncidentDetectionOptions.LookBack),
            nameof(IncidentDetectionOptions.DeliverFor), nameof(IncidentDetectionOptions.RetryInterval),
        ],
        Flags =
        [
            nameof(IncidentDetectionOptions.OnError), nameof(IncidentDetectionOptions.OnFailedCall), nameof(IncidentDetectionOptions.OnProof),
            nameof(IncidentDetectionOptions.Analyze),
        ],
        Outward = [nameof(IncidentDetectionOptions.WebhookUrl), nameof(IncidentDetectionOptions.WebhookSecret)],
    };

    public static IEnumerable<SettingMistake> Find(IncidentDetectionOptions options)
    {
        if (options.Runs.Any(string.IsNullOrWhiteSpace))
        {
            yield return new(nameof(options.Runs), "must not hold an empty name.");
        }

        if (options.MaxDuration <= TimeSpan.Zero)
        {
            yield return new(nameof(options.MaxDuration), "must be more than nothing.");
        }

        if (options.WebhookUrl is { IsAbsoluteUri: false } or { Scheme: not ("http" or "https") })
        {
            yield return new(nameof(options.WebhookUrl), "must be an absolute address of http or https.");
        }

        if (options.WebhookUrl is not null && string.IsNullOrWhiteSpace(options.WebhookSecret))
        {
            yield return new(nameof(options.WebhookUrl), $"is set without {nameof(options.WebhookSecret)}.");
        }
    }
}
