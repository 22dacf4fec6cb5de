using System.Text.RegularExpressions;

namespace AgentOps.Rca.Settings;

/// <summary>Puts the names of settings where a generated validator wrote those of properties.</summary>
internal static partial class SettingsNames
{
    /// <summary>The name that generated validators are given for the options: they write it before each property's.</summary>
    public const string Mark = "\u00a7";

    public static string PutIn(string failure, GivenSettings given) =>
        Property().Replace(Prefix().Replace(failure, ""), match => given.NameOf(match.Groups[1].Value));

    [GeneratedRegex(@"^\w+: (?=.*\u00a7\.)")]
    private static partial Regex Prefix();

    [GeneratedRegex(@"\u00a7\.(\w+)")]
    private static partial Regex Property();
}
