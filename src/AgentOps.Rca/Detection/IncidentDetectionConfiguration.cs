using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Detection;

/// <summary>Reads the rules from the configuration.</summary>
internal sealed class IncidentDetectionConfiguration(IConfiguration? configuration = null) : IConfigureOptions<IncidentDetectionOptions>
{
    public const string Section = "AgentOpsRca:DetectIncidents";

    public void Configure(IncidentDetectionOptions options)
    {
        if (configuration is null)
        {
            return;
        }

        options.OnError = Flag(nameof(options.OnError)) ?? options.OnError;
        options.OnFailedCall = Flag(nameof(options.OnFailedCall)) ?? options.OnFailedCall;
        options.OnProof = Flag(nameof(options.OnProof)) ?? options.OnProof;
        foreach (var name in configuration.GetSection($"{Section}:{nameof(options.Runs)}").GetChildren().Select(static item => item.Value).OfType<string>())
        {
            options.Runs.Add(name);
        }

        options.MaxDuration = Seconds("MaxDurationSeconds") ?? options.MaxDuration;
        options.MaxTokens = (long?)Number(nameof(options.MaxTokens)) ?? options.MaxTokens;
        options.MaxCostUsd = Number(nameof(options.MaxCostUsd)) ?? options.MaxCostUsd;
        options.MaxRepeats = (int?)Number(nameof(options.MaxRepeats)) ?? options.MaxRepeats;
        options.DeadlineAttribute = Text(nameof(options.DeadlineAttribute)) ?? options.DeadlineAttribute;
        options.Analyze = Flag(nameof(options.Analyze)) ?? options.Analyze;
        options.Engine = Text(nameof(options.Engine)) ?? options.Engine;
        options.Settle = Seconds("SettleSeconds") ?? options.Settle;
        options.LookBack = Seconds("LookBackSeconds") ?? options.LookBack;
        options.WebhookUrl = Text(nameof(options.WebhookUrl)) is { } url ? new Uri(url, UriKind.RelativeOrAbsolute) : options.WebhookUrl;
        options.WebhookSecret = Text(nameof(options.WebhookSecret)) ?? options.WebhookSecret;
        options.WebhookAttempts = (int?)Number(nameof(options.WebhookAttempts)) ?? options.WebhookAttempts;
        options.DeliverFor = Seconds("DeliverForSeconds") ?? options.DeliverFor;
        options.RetryInterval = Seconds("RetryIntervalSeconds") ?? options.RetryInterval;
    }

    private string? Text(string name) => configuration![$"{Section}:{name}"] is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;

    private bool? Flag(string name) => Text(name) is not { } text ? null
        : bool.TryParse(text, out var flag) ? flag : throw Wrong(name, "true or false");

    private decimal? Number(string name) => Text(name) is not { } text ? null
        : decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && Math.Abs(number) < 1_000_000_000_000
            ? number : throw Wrong(name, "a number");

    private TimeSpan? Seconds(string name) => Number(name) is { } seconds
        ? Math.Abs(seconds) < 1_000_000_000 ? TimeSpan.FromSeconds((double)seconds) : throw Wrong(name, "a number of seconds")
        : null;

    private static OptionsValidationException Wrong(string name, string kind) =>
        new(nameof(IncidentDetectionOptions), typeof(IncidentDetectionOptions), [$"{Section}:{name} must be {kind}."]);
}
