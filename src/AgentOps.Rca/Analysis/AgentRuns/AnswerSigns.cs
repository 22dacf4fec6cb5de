using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.Evidence;

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

/// <summary>Reads what an answer says of its own success, by a few phrases of English and of some other languages; a hint, never a proof.</summary>
internal static partial class AnswerSigns
{
    public static AnswerSign Of(string text)
    {
        if (MethodVersion.IsBefore(5))
        {
            return Failed().IsMatch(text) ? AnswerSign.Failure : Done().IsMatch(text) ? AnswerSign.Success : AnswerSign.None;
        }

        // "No failures" is no failure.
        var rest = Free().Replace(text, " ");
        return Failed().IsMatch(rest) ? AnswerSign.Failure : rest.Length < text.Length || Done().IsMatch(text) || Passed().IsMatch(text) ? AnswerSign.Success : OfElsewhere(text);
    }

    [GeneratedRegex(@"\b(?:no|zero|0|without(?: any)?)(?: (?:more|other|further|test|type|lint|build))? (?:failures?|failed tests?|errors?|problems?|issues?)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Free();

    // What agents that work with commands say, and reports that begin with what was done.
    [GeneratedRegex(@"\b(?:tests?|checks?|suite|build|pipeline)\b(?: \w+){0,2} (?:pass(?:es|ed)?|(?:is|are) (?:now )?(?:green|passing)|succeed(?:s|ed))\b|\b(?:is|are|was|were) (?:now )?(?:archived|built|closed|deleted|deployed|fixed|installed|loaded|merged|migrated|moved|published|removed|restarted|scaled|uploaded)\b|^\W*(?:all |both )?(?:archived|booked|built|cancell?ed|closed|created|deleted|deployed|fixed|installed|loaded|merged|migrated|moved|paid|published|refunded|removed|restarted|scaled|sent|submitted|transferred|updated|uploaded)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Passed();

    [GeneratedRegex(@"\b(?:un(?:able|fortunately|available|successful)|could(?: not|n['’]t)|can(?:not|['’]t| not)|was(?: not|n['’]t) able|(?:did|do|does|was|were|is|has|have)(?: not|n['’]t)\b.{0,30}\b(?:able|work|found|find|succeed|possible|complete[d]?|book|refund|process|available|exist)|fail(?:ed|s|ure)?|sorry|apologi[sz]e|afraid|trouble|problem|error|denied|refused|rejected|try again|no (?:record|lease|result|information|entry|match)|found nothing|nothing (?:was )?found|went wrong|not possible|contact support)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Failed();

    [GeneratedRegex(@"\b(?:done|success(?:ful|fully)?|completed?|has been|have been|is (?:now )?(?:booked|confirmed|cancell?ed|changed|updated|sent|paid|refunded|scheduled|created|in place|ready|on (?:its|the) way)|i(?: have|['’]ve) \w+(?:ed|t|n|id)\b|i (?:booked|sent|changed|updated|refunded|created|scheduled|cancell?ed|charged|placed|filed|submitted|transferred)|was (?:charged|sent|booked|updated|changed|created|refunded|submitted|transferred|paid|delivered)|all set)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Done();
}
