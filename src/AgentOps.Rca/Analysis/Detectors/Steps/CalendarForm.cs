using System.Text.RegularExpressions;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>Values that name a day, a week, a month, a quarter, a time or how long something takes: whoever knows the calendar can write them, so they are no ids.</summary>
internal static partial class CalendarForm
{
    /// <summary>Whether the whole value has such a form.</summary>
    public static bool Is(string value) => Form().IsMatch(value);

    [GeneratedRegex(
        @"^(?:(?:\A|/|\.\.)(?:(?:19|20)\d\d(?:[-_/. ]?(?:Q[1-4]|H[12]|[CK]?W[0-5]?\d(?:-?[1-7])?)|[-_/.](?:0?[1-9]|1[0-2])(?:[-_/.](?:0?[1-9]|[12]\d|3[01]))?|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|[-_ ]?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)?(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?|(?:Q[1-4]|H[12]|[CK]?W[0-5]?\d|FY|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)(?:[-_/. ]?20\d\d|[-_/. ]\d\d)|(?:0?[1-9]|1[0-2])[-_/.]20\d\d|T?[0-2]?\d[:.][0-5]\d(?:[:.][0-5]\d)?Z?|-?P(?=\d|T\d)(?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?|last[-_]?\d+[-_]?(?:d|days|weeks|months)|\d{1,3}(?:d|w|mo|y|min|h))){1,2}$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Form();
}
