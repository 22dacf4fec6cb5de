using System.Globalization;

namespace AgentOps.Rca.WebHost;

/// <summary>The settings of the host itself; those of the library are read by the library.</summary>
internal static class HostSettings
{
    private const int DefaultPort = 8000;

    public static string Environment => Read("ENVIRONMENT")?.ToUpperInvariant() switch
    {
        null or "DEVELOPMENT" => Environments.Development,
        "PRODUCTION" => Environments.Production,
        _ => throw new InvalidOperationException("ENVIRONMENT must be development or production."),
    };

    // Every address of the machine, of IPv6 as well as of IPv4.
    public static string Address => string.Create(CultureInfo.InvariantCulture, $"http://*:{Port}");

    public static int Port => Read("PORT") is not { } text ? DefaultPort
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65_535 ? port
        : throw new InvalidOperationException("PORT must be a number from 1 to 65535.");

    /// <summary>Turns on what the host's own settings ask for.</summary>
    public static IAgentOpsRcaBuilder UseHostSettings(this IAgentOpsRcaBuilder rca, IConfiguration configuration)
    {
        if (IsOn(configuration, "AgentOpsRca:DetectIncidents:Enabled"))
        {
            rca.DetectIncidents();
        }

        if (Days(configuration, "AgentOpsRca:BaselineDays") is { } days)
        {
            rca.DropBaselineAfter(TimeSpan.FromDays(days));
        }

        if (Days(configuration, "AgentOpsRca:OrphanedContentDays") is { } orphanedDays)
        {
            rca.CollectOrphanedContentAfter(TimeSpan.FromDays(orphanedDays));
        }

        return rca;
    }

    private static bool IsOn(IConfiguration configuration, string name) =>
        configuration[name] is not { Length: > 0 } text ? false
        : bool.TryParse(text, out var isOn) ? isOn : throw new InvalidOperationException($"{name} must be true or false.");

    private static double? Days(IConfiguration configuration, string name) =>
        configuration[name] is not { Length: > 0 } text ? null
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var days) && days is > 0 and < 100_000 ? days
        : throw new InvalidOperationException($"{name} must be a number of days.");

    private static string? Read(string name) =>
        System.Environment.GetEnvironmentVariable(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
}
