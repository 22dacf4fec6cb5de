using System.Globalization;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A day in a text, as people and programs write it.</summary>
/// <param name="Day">The day; of one without a year, in the year 2000, which has all days, so that it is the same whenever it is read.</param>
/// <param name="IsWithoutYear">Whether no year is written.</param>
/// <param name="Text">How it is written.</param>
/// <param name="Index">Where it begins.</param>
internal sealed partial record SaidDay(DateOnly Day, bool IsWithoutYear, string Text, int Index)
{
    private static readonly string[] Formats =
        ["yyyy-M-d", "d MMMM yyyy", "d MMM yyyy", "MMMM d, yyyy", "MMM d, yyyy", "MMMM d yyyy", "d.M.yyyy", "d MMMM", "d MMM", "MMMM d", "MMM d"];

    /// <summary>The days in a text.</summary>
    public static IEnumerable<SaidDay> In(string text)
    {
        foreach (Match match in Date().Matches(text))
        {
            var plain = Ordinal().Replace(match.Value, "$1");
            var isWithoutYear = !Year().IsMatch(plain);
            // Earlier versions read it in the year that it was.
            plain += !isWithoutYear || MethodVersion.IsBefore(5) ? "" : char.IsAsciiDigit(plain[0]) ? " 2000" : ", 2000";
            if (DateOnly.TryParseExact(plain, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out var day))
            {
                yield return new SaidDay(day, isWithoutYear, match.Value, match.Index);
            }
        }
    }

    /// <summary>Whether both may be the same day: what one leaves out is not held against it.</summary>
    public bool IsSame(SaidDay other) => Day == other.Day
        || ((IsWithoutYear || (other.IsWithoutYear && !MethodVersion.IsBefore(5))) && (Day.Month, Day.Day) == (other.Day.Month, other.Day.Day));

    /// <summary>How many days lie between it and another one; without a year it is in that one's.</summary>
    public int DaysFrom(DateOnly other) => Math.Abs(other.DayNumber - (IsWithoutYear && !MethodVersion.IsBefore(5) ? Day.AddYears(other.Year - Day.Year) : Day).DayNumber);

    [GeneratedRegex(@"\b(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2}(?:st|nd|rd|th)? (?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?: \d{4})?|(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{1,2}(?:st|nd|rd|th)?(?:,? \d{4})?)(?!\d)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Date();

    [GeneratedRegex(@"(\d)(?:st|nd|rd|th)\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Ordinal();

    [GeneratedRegex(@"\d{4}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Year();
}
