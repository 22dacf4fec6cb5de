using System.Collections;
using Microsoft.Extensions.Configuration;

namespace AgentOps.Rca.Settings;

/// <summary>Where settings are read from: the application's configuration, or the environment where there is none.</summary>
internal sealed class SettingsSource
{
    private readonly Lazy<IConfiguration> _configuration;
    private readonly SettingsScope? _scope;

    public SettingsSource(IConfiguration? configuration = null, SettingsScope? scope = null)
    {
        _configuration = new Lazy<IConfiguration>(() => configuration ?? ReadEnvironment());
        _scope = scope;
    }

    /// <summary>Whether nothing outside the process is to be used unless code says so.</summary>
    public bool IsInMemory => _scope is { InMemory: true };

    /// <summary>The settings of a section as they stand now.</summary>
    public GivenSettings Read(SettingsSection section) => GivenSettings.Read(_configuration.Value, section, IsInMemory);

    // As the provider of environment variables does it: two underscores stand for the colon.
    private static IConfigurationRoot ReadEnvironment() => new ConfigurationBuilder()
        .AddInMemoryCollection(Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(variable => (Name: ((string)variable.Key).Replace("__", ":", StringComparison.Ordinal), variable.Value))
            .DistinctBy(variable => variable.Name, StringComparer.OrdinalIgnoreCase)
            .Select(variable => KeyValuePair.Create(variable.Name, variable.Value as string)))
        .Build();
}
