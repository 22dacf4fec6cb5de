using System.Text.RegularExpressions;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>Words that name one record: they hold a digit beside letters or signs (<c>C-2207</c>, <c>PU-6092</c>, <c>#W2890441</c>), or many digits.</summary>
internal static partial class Identifiers
{
    /// <summary>The identifiers in a text.</summary>
    public static HashSet<string> In(string text) => [.. Word().Matches(text).Select(match => match.Value).Where(IsIdentifier)];

    public static bool IsIdentifier(string word)
    {
        var (letters, digits, others) = (0, 0, 0);
        foreach (var character in word)
        {
            letters += char.IsAsciiLetter(character) ? 1 : 0;
            digits += char.IsAsciiDigit(character) ? 1 : 0;
            others += char.IsAsciiLetterOrDigit(character) ? 0 : 1;
        }

        // A date, a time, an amount or a version is no name of a record.
        return digits > 0 && word.Length >= 4 && !NoName().IsMatch(word) && (letters > 0 ? digits >= 2 || others > 0 : digits >= 6);
    }

    [GeneratedRegex(@"#?[A-Za-z0-9]+(?:[-_.:/@][A-Za-z0-9]+)*", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();

    [GeneratedRegex(@"^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T:.\dZ+-]*)?|\d{1,2}[-/.:]\d{1,2}(?:[-/.:]\d{2,4})?|\d{1,2}(?:st|nd|rd|th|am|pm|h|s|ms|kg|km|cm|mm|mb|gb|x\d+)|\d+[.,]\d+|v?\d+(?:\.\d+)+|\d{1,3}(?:,\d{3})+)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NoName();
}
