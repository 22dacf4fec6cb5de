using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace AgentOps.Rca.Settings;

/// <summary>What was given for a section, under whatever name, and what each setting was called there.</summary>
internal sealed class GivenSettings
{
    private const string Seconds = "Seconds";
    private const decimal MostSeconds = 1_000_000_000;

    private readonly SettingsSection _section;
    private readonly Dictionary<string, string?> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _mistakes = [];

    private GivenSettings(SettingsSection section, bool isInMemory)
    {
        _section = section;
        IsInMemory = isInMemory;
    }

    /// <summary>Whether what leads out of the process was left out.</summary>
    public bool IsInMemory { get; }

    /// <summary>The values under the names of the properties; what is empty is not set.</summary>
    public IConfiguration Values => field ??= new ConfigurationBuilder().AddInMemoryCollection(_values).Build();

    /// <summary>What cannot be read at all, each in a sentence.</summary>
    public IReadOnlyList<string> Mistakes => _mistakes;

    public static GivenSettings Read(IConfiguration configuration, SettingsSection section, bool isInMemory)
    {
        var given = new GivenSettings(section, isInMemory);
        foreach (var (name, value) in configuration.GetSection(section.Path).AsEnumerable(makePathsRelative: true))
        {
            given.Take(name, value, $"{section.Path}:{name}");
        }

        foreach (var (name, setting) in section.Aliases.Where(alias => !given.Has(alias.Setting)))
        {
            given.Take(setting, configuration[name], name);
        }

        if (isInMemory)
        {
            given.Drop(section.Outward);
        }

        given.ReadDurations();
        given.ReadFlags();
        return given;
    }

    /// <summary>Whether the setting, or an element of it, was given.</summary>
    public bool Has(string setting) => _names.Keys.Any(name => IsPartOf(name, setting));

    /// <summary>What the setting was called where it was given; else what it is called first of all.</summary>
    public string NameOf(string setting) =>
        _names.TryGetValue(setting, out var name) ? name
        : _section.Aliases.FirstOrDefault(alias => alias.Setting == setting && !alias.Name.Contains(':', StringComparison.Ordinal)).Name
            ?? $"{_section.Path}:{setting}";

    /// <summary>What said so: the name under which the setting was given, or code.</summary>
    public string OriginOf(string setting) => Has(setting) ? NameOf(setting) : "code";

    /// <summary>The sentence for a value that its property cannot hold, without the value, which may be a secret.</summary>
    public string? Explain(InvalidOperationException failure)
    {
        var setting = _values.Keys.FirstOrDefault(name => failure.Message.Contains($"'{name}'", StringComparison.OrdinalIgnoreCase));
        return setting is null ? null : $"{NameOf(setting)} must be {KindIn(failure.Message)}.";
    }

    private static string KindIn(string message) =>
        message.Contains("Int", StringComparison.Ordinal) ? "a whole number that is not too large"
        : message.Contains("System.Double", StringComparison.Ordinal) || message.Contains("System.Single", StringComparison.Ordinal)
            || message.Contains("System.Decimal", StringComparison.Ordinal) ? "a number"
        : message.Contains("System.Uri", StringComparison.Ordinal) ? "an address"
        : message.Contains("TimeSpan", StringComparison.Ordinal) ? "a duration such as 00:00:30"
        : "of another kind";

    private static bool IsPartOf(string name, string setting) =>
        name.StartsWith(setting, StringComparison.OrdinalIgnoreCase) && (name.Length == setting.Length || name[setting.Length] == ':');

    private void Take(string setting, string? value, string name)
    {
        if (!string.IsNullOrWhiteSpace(value))
        {
            _values[setting] = value.Trim();
            _names[setting] = name;
        }
    }

    private void Drop(IReadOnlyList<string> settings)
    {
        foreach (var name in _values.Keys.Where(name => settings.Any(setting => IsPartOf(name, setting))).ToList())
        {
            _values.Remove(name);
            _names.Remove(name);
        }
    }

    private void ReadDurations()
    {
        foreach (var setting in _section.Durations)
        {
            if (_values.TryGetValue(setting, out var text))
            {
                // The framework takes a bare number for days, which nobody means.
                if (decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var days) && days != 0)
                {
                    Refuse(setting, $"must be a duration such as 00:00:30; a number of seconds is called {setting}{Seconds}.");
                }
                else if (!TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out _))
                {
                    Refuse(setting, "must be a duration such as 00:00:30.");
                }
            }
            else if (_values.TryGetValue(setting + Seconds, out text))
            {
                _names[setting] = _names[setting + Seconds];
                if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
                    && Math.Abs(seconds) < MostSeconds)
                {
                    _values[setting] = TimeSpan.FromSeconds((double)seconds).ToString("c", CultureInfo.InvariantCulture);
                }
                else
                {
                    Refuse(setting, "must be a number of seconds.");
                }
            }
        }
    }

    private void ReadFlags()
    {
        foreach (var setting in _section.Flags.Where(_values.ContainsKey))
        {
            switch (_values[setting]!.ToUpperInvariant())
            {
                case "TRUE" or "1" or "ON" or "YES":
                    _values[setting] = bool.TrueString;
                    break;
                case "FALSE" or "0" or "OFF" or "NO":
                    _values[setting] = bool.FalseString;
                    break;
                default:
                    Refuse(setting, "must be true or false.");
                    break;
            }
        }
    }

    private void Refuse(string setting, string sentence)
    {
        _mistakes.Add($"{NameOf(setting)} {sentence}");
        _values.Remove(setting);
    }
}
