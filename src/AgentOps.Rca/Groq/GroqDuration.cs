using System.Globalization;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Groq;

/// <summary>Durations as Groq's headers write them: seconds (<c>7</c>, <c>7.66</c>) or units (<c>2m59.56s</c>, <c>120ms</c>).</summary>
internal static partial class GroqDuration
{
    private const double LongestSeconds = 366 * 86_400.0;

    public static TimeSpan? Parse(string? text)
    {
        if (text is null || Form.Match(text.Trim()) is not { Success: true } match)
        {
            return null;
        }

        var seconds = Part(match, "plain") + (Part(match, "d") * 86_400) + (Part(match, "h") * 3_600) + (Part(match, "m") * 60)
            + Part(match, "s") + (Part(match, "ms") / 1_000);
        return seconds <= LongestSeconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.FromSeconds(LongestSeconds);
    }

    /// <summary>The duration as a person says it, rounded up so that waiting for it is enough.</summary>
    public static string ToSentence(TimeSpan duration)
    {
        var seconds = (long)Math.Ceiling(duration.TotalSeconds);
        return seconds switch
        {
            1 => "1 second",
            < 120 => string.Create(CultureInfo.InvariantCulture, $"{seconds} seconds"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{(seconds + 59) / 60} minutes"),
        };
    }

    private static double Part(Match match, string name) =>
        match.Groups[name] is { Success: true } group ? double.Parse(group.ValueSpan, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(
        @"^(?:(?<plain>\d{1,12}(?:\.\d{1,9})?)|(?=.)(?:(?<d>\d{1,9})d)?(?:(?<h>\d{1,9})h)?(?:(?<m>\d{1,9})m(?!s))?(?:(?<s>\d{1,9}(?:\.\d{1,9})?)s)?(?:(?<ms>\d{1,9}(?:\.\d{1,9})?)ms)?)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Form { get; }
}
