namespace AgentOps.Rca.Settings;

/// <summary>One section of the configuration: where it stands, and what its settings are beside their names.</summary>
/// <param name="Path">Where it stands, such as <c>AgentOpsRca:DetectIncidents</c>.</param>
internal sealed record SettingsSection(string Path)
{
    /// <summary>Where the settings of the library itself stand; those of its features stand below it.</summary>
    public const string Root = "AgentOpsRca";

    /// <summary>Other names of settings, from the configuration's root, in the order of preference; what stands in the section wins over them.</summary>
    public IReadOnlyList<(string Name, string Setting)> Aliases { get; init; } = [];

    /// <summary>
    /// The settings that are durations. They are written as <c>00:00:30</c>, or as a number of seconds under the same name with <c>Seconds</c> behind it.
    /// </summary>
    public IReadOnlyList<string> Durations { get; init; } = [];

    /// <summary>The settings that are true or false.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];

    /// <summary>The settings that name a place outside the process, or a key to one: not read when everything is kept in memory.</summary>
    public IReadOnlyList<string> Outward { get; init; } = [];

    /// <summary>The section of a feature.</summary>
    public static SettingsSection Of(string feature) => new($"{Root}:{feature}");
}

/// <summary>Whether settings may lead out of the process.</summary>
/// <param name="InMemory">Everything is kept in memory, and nothing that lies outside is read, written or called unless code says so.</param>
internal sealed record SettingsScope(bool InMemory);

/// <summary>What is wrong with a setting.</summary>
/// <param name="Setting">The name of the property.</param>
/// <param name="Sentence">What follows the setting's name, such as <c>must be a directory.</c></param>
internal readonly record struct SettingMistake(string Setting, string Sentence);
