using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace AgentOps.Rca.Settings;

/// <summary>Bounds a <see cref="TimeSpan"/>. The framework's own range of any type needs reflection.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DurationAttribute : ValidationAttribute
{
    /// <summary>Says the bounds, as <c>[d.]hh:mm:ss[.fff]</c>; both are allowed values.</summary>
    public DurationAttribute(string least, string most)
        : base($"{{0}} must be a duration from {least} to {most}.")
    {
        Least = least;
        Most = most;
    }

    public string Least { get; }

    public string Most { get; }

    public override bool IsValid(object? value) =>
        value is null || (value is TimeSpan span && span >= Parse(Least) && span <= Parse(Most));

    private static TimeSpan Parse(string text) => TimeSpan.Parse(text, CultureInfo.InvariantCulture);
}
