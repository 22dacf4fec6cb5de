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

    private static readonly string[][] Months =
    [
        ["jan", "january", "januar", "janner", "janvier", "enero", "gennaio", "janeiro", "januari"], ["feb", "february", "fev", "fevr", "februar", "fevrier", "febrero", "febbraio", "fevereiro", "februari"],
        ["mar", "march", "mars", "marz", "maerz", "marzo", "marco", "maart"], ["apr", "avr", "abr", "april", "avril", "abril", "aprile"],
        ["mai", "may", "mayo", "maggio", "maio", "mei"], ["jun", "june", "juin", "juni", "junio", "giugno", "junho"], ["jul", "july", "juil", "juli", "juillet", "julio", "luglio", "julho"],
        ["aug", "ago", "aout", "august", "agosto", "augustus"], ["sep", "sept", "set", "september", "septembre", "septiembre", "setiembre", "settembre", "setembro"],
        ["okt", "oct", "october", "ott", "out", "oktober", "octobre", "octubre", "ottobre", "outubro"], ["nov", "november", "novembre", "noviembre", "novembro"],
        ["dez", "dec", "dic", "dezember", "decembre", "diciembre", "dicembre", "dezembro", "december"],
    ];

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

    /// <summary>The days in a text in English, German, French, Spanish, Italian, Portuguese, Dutch, Japanese or Chinese; of one in figures alone (<c>4/3/2026</c>) both that it may be.</summary>
    public static IEnumerable<SaidDay> InAnyLanguage(string text)
    {
        foreach (var day in In(text))
        {
            yield return day;
        }

        foreach (Match match in OtherLanguages().Matches(text))
        {
            var month = match.Groups["m"].Success ? int.Parse(match.Groups["m"].ValueSpan, CultureInfo.InvariantCulture) : MonthOf(match.Groups["month"].Value);
            if (month > 0 && Of(match, month, int.Parse(match.Groups["d"].ValueSpan, CultureInfo.InvariantCulture)) is { } day)
            {
                yield return day;
            }
        }

        foreach (Match match in Figures().Matches(text))
        {
            var (one, other) = (int.Parse(match.Groups["m"].ValueSpan, CultureInfo.InvariantCulture), int.Parse(match.Groups["d"].ValueSpan, CultureInfo.InvariantCulture));
            foreach (var (month, number) in new HashSet<(int, int)> { (one, other), (other, one) })
            {
                if (Of(match, month, number) is { } day)
                {
                    yield return day;
                }
            }
        }
    }

    private static SaidDay? Of(Match match, int month, int number)
    {
        var isWithoutYear = !match.Groups["y"].Success;
        var year = isWithoutYear ? 2000 : int.Parse(match.Groups["y"].ValueSpan, CultureInfo.InvariantCulture);
        return month is >= 1 and <= 12 && number >= 1 && number <= DateTime.DaysInMonth(year, month) ? new SaidDay(new DateOnly(year, month, number), isWithoutYear, match.Value.Trim(), match.Index) : null;
    }

    private static int MonthOf(string word)
    {
        var plain = PlainWords.Of(word).Trim();
        return Array.FindIndex(Months, months => Array.Exists(months, month => plain == month || (month.Length <= 4 && plain.Length > month.Length && Array.Exists(months, longer => longer.StartsWith(plain, StringComparison.Ordinal) && plain.StartsWith(month, StringComparison.Ordinal))))) + 1;
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

    // 14. März 2026, 1er mars, 14 de marzo de 2026, 14.3., 3月14日; what English writes may be found twice, which does no harm.
    [GeneratedRegex(@"(?<![\w.,/:-])(?:(?<d>\d{1,2})(?:\.|er|º|°|st|nd|rd|th)?\s?(?:de\s|di\s|of\s)?(?<month>[\p{L}]{3,10})\.?(?:,?\s(?:de\s|del\s)?(?<y>20\d\d))?|(?<d>\d{1,2})\.(?<m>\d{1,2})\.(?!\d))(?![\p{L}\d])|(?:(?<y>20\d\d)年)?(?<m>\d{1,2})月(?<d>\d{1,2})日", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex OtherLanguages();

    [GeneratedRegex(@"(?<![\d/.])(?<m>\d{1,2})/(?<d>\d{1,2})(?:/(?<y>20\d\d))?(?![\d/])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Figures();
}
