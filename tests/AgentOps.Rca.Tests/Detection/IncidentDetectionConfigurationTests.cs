using AgentOps.Rca.Detection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Tests.Detection;

/// <summary>The table of settings in docs/detection.md.</summary>
public sealed class IncidentDetectionConfigurationTests
{
    public static TheoryData<string, string, object?, object?> Settings => new()
    {
        { "OnError", "false", true, false },
        { "DeadlineAttribute", "due", "agentops.deadline", "due" },
        { "MaxDurationSeconds", "1.5", null, TimeSpan.FromSeconds(1.5) },
        { "MaxRepeats", "3", 10, 3 },
        { "MaxTokens", "1000", null, 1_000L },
        { "MaxCostUsd", "0.25", null, 0.25m },
        { "Analyze", "false", true, false },
        { "Engine", "trace", "auto", "trace" },
        { "SettleSeconds", "0", TimeSpan.FromSeconds(2), TimeSpan.Zero },
        { "LookBackSeconds", "3600", TimeSpan.FromSeconds(600), TimeSpan.FromHours(1) },
        { "WebhookUrl", "https://example.test/hook", null, new Uri("https://example.test/hook") },
        { "WebhookSecret", "s", null, "s" },
        { "WebhookAttempts", "2", 6, 2 },
        { "RetryIntervalSeconds", "5", TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(5) },
        { "DeliverForSeconds", "120", TimeSpan.FromSeconds(86_400), TimeSpan.FromMinutes(2) },
    };

    [Theory]
    [MemberData(nameof(Settings), DisableDiscoveryEnumeration = true)]
    public void Every_setting_has_its_default_and_can_be_configuration(string name, string text, object? byDefault, object? configured)
    {
        Assert.Equal(byDefault, ValueOf(name, Read([])));
        Assert.Equal(configured, ValueOf(name, Read(new() { [name] = text })));
    }

    [Fact]
    public void What_is_set_in_code_wins()
    {
        var options = Read(new() { ["MaxTokens"] = "1000", ["MaxRepeats"] = "3" }, options => options.MaxTokens = 7);
        Assert.Equal((7L, 3), (options.MaxTokens, options.MaxRepeats));
    }

    [Theory]
    [InlineData("OnError", "maybe")]
    [InlineData("MaxTokens", "many")]
    [InlineData("MaxTokens", "1,5")]
    [InlineData("SettleSeconds", "1e9")]
    [InlineData("SettleSeconds", "3601")]
    [InlineData("WebhookAttempts", "0")]
    [InlineData("WebhookUrl", "hook")]
    [InlineData("DeliverForSeconds", "1")]
    public void A_mistake_names_its_setting(string name, string text)
    {
        var mistake = Assert.Throws<OptionsValidationException>(() => Read(new() { [name] = text }));
        Assert.Contains(name.Replace("Seconds", "", StringComparison.Ordinal), mistake.Message, StringComparison.Ordinal);
    }

    private static object? ValueOf(string name, IncidentDetectionOptions options) =>
        typeof(IncidentDetectionOptions).GetProperty(name.Replace("Seconds", "", StringComparison.Ordinal))!.GetValue(options);

    private static IncidentDetectionOptions Read(Dictionary<string, string?> settings, Action<IncidentDetectionOptions>? configure = null)
    {
        if (settings.ContainsKey("WebhookUrl"))
        {
            settings.TryAdd("WebhookSecret", "s");
        }

        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"AgentOpsRca:DetectIncidents:{setting.Key}", setting.Value))).Build());
        services.AddAgentOpsRca().DetectIncidents(configure);
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<IncidentDetectionOptions>>().Value;
    }
}
