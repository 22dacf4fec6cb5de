using System.Text.RegularExpressions;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>What an answer says of its own success.</summary>
internal enum AnswerSign
{
    /// <summary>Neither.</summary>
    None,

    /// <summary>That what was asked for is done.</summary>
    Success,

    /// <summary>That it is not, or that something went wrong.</summary>
    Failure,
}

/// <summary>Reads what an answer says of its own success, by a few phrases; a hint, never a proof.</summary>
internal static partial class AnswerSigns
{
    public static AnswerSign Of(string text) => Failed().IsMatch(text) ? AnswerSign.Failure : Done().IsMatch(text) ? AnswerSign.Success : AnswerSign.None;

    [GeneratedRegex(@"\b(?:un(?:able|fortunately|available|successful)|could(?: not|n['’]t)|can(?:not|['’]t| not)|was(?: not|n['’]t) able|(?:did|do|does|was|were|is|has|have)(?: not|n['’]t)\b.{0,30}\b(?:able|work|found|find|succeed|possible|complete[d]?|book|refund|process|available|exist)|fail(?:ed|s|ure)?|sorry|apologi[sz]e|afraid|trouble|problem|error|denied|refused|rejected|try again|no (?:record|lease|result|information|entry|match)|found nothing|nothing (?:was )?found|went wrong|not possible|contact support)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Failed();

    [GeneratedRegex(@"\b(?:done|success(?:ful|fully)?|completed?|has been|have been|is (?:now )?(?:booked|confirmed|cancell?ed|changed|updated|sent|paid|refunded|scheduled|created|in place|ready|on (?:its|the) way)|i(?: have|['’]ve) \w+(?:ed|t|n|id)\b|i (?:booked|sent|changed|updated|refunded|created|scheduled|cancell?ed|charged|placed|filed|submitted|transferred)|was (?:charged|sent|booked|updated|changed|created|refunded|submitted|transferred|paid|delivered)|all set)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Done();
}
