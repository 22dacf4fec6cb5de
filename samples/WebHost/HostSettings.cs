using System.Globalization;

namespace AgentOps.Rca.WebHost;

/// <summary>The settings of the host itself; those of the library are read by the library.</summary>
internal static class HostSettings
{
    private const int DefaultPort = 8000;

    private static readonly string[] UsualNames = ["ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT"];

    /// <summary>The environment: production as soon as one of the names says so, and development only where none says anything else.</summary>
    public static string Environment
    {
        get
        {
            var own = Read("ENVIRONMENT");
            if (own?.ToUpperInvariant() is not (null or "DEVELOPMENT" or "PRODUCTION"))
            {
                throw new InvalidOperationException("ENVIRONMENT must be development or production.");
            }

            string?[] said = [own, .. UsualNames.Select(Read)];
            return Array.Exists(said, static name => name?.Equals(Environments.Production, StringComparison.OrdinalIgnoreCase) == true) ? Environments.Production
                : Array.Find(said, static name => name?.Equals(Environments.Development, StringComparison.OrdinalIgnoreCase) == false)
                ?? Environments.Development;
        }
    }

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

        return rca.AddCodingAgents(IsOn(configuration, HostMcp.Setting, otherwise: true));
    }

    private static bool IsOn(IConfiguration configuration, string name, bool otherwise = false) =>
        configuration[name] is not { Length: > 0 } text ? otherwise
        : bool.TryParse(text, out var isOn) ? isOn : throw new InvalidOperationException($"{name} must be true or false.");

    private static double? Days(IConfiguration configuration, string name) =>
        configuration[name] is not { Length: > 0 } text ? null
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var days) && days is > 0 and < 100_000 ? days
        : throw new InvalidOperationException($"{name} must be a number of days.");

    private static string? Read(string name) =>
        System.Environment.GetEnvironmentVariable(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
}
