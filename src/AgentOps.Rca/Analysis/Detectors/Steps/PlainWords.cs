using System.Globalization;
using System.Text;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>Words as they are compared with names that programs keep: in lower case, without accents and signs, each between spaces.</summary>
internal static class PlainWords
{
    // The runtime may know no Unicode tables (InvariantGlobalization), so what Western languages write is listed.
    private const string Accented = "àáâãäåāăąçćčďđèéêëēėęěğìíîïīįıłñńňòóôõöøōőřśšşșťțùúûüūůűųýÿžźż";
    private const string Bare = "aaaaaaaaacccddeeeeeeeegiiiiiiilnnnoooooooorssssttuuuuuuuuyyzzz";

    // Scripts without spaces between words: each sign stands for itself.
    private const char FirstWithoutSpaces = '\u2e80';

    /// <summary>The words of a text, with a space before and after each.</summary>
    public static string Of(string text)
    {
        var plain = new StringBuilder(text.Length + 2).Append(' ');
        foreach (var character in text)
        {
            var lower = char.ToLowerInvariant(character);
            var at = lower < 128 ? -1 : Accented.IndexOf(lower, StringComparison.Ordinal);
            if (lower == 'ß')
            {
                plain.Append("ss");
            }
            else if (char.IsLetterOrDigit(lower) || CharUnicodeInfo.GetUnicodeCategory(lower) == UnicodeCategory.ModifierLetter)
            {
                plain.Append(lower >= FirstWithoutSpaces && plain[^1] != ' ' ? " " : "").Append(at >= 0 ? Bare[at] : lower).Append(lower >= FirstWithoutSpaces ? " " : "");
            }
            else if (CharUnicodeInfo.GetUnicodeCategory(lower) != UnicodeCategory.NonSpacingMark && plain[^1] != ' ')
            {
                plain.Append(' ');
            }
        }

        return plain[^1] == ' ' ? plain.ToString() : plain.Append(' ').ToString();
    }

    /// <summary>Whether words stand in a text; both are as <see cref="Of"/> gives them.</summary>
    public static bool Hold(string plain, string words) => words.Length > 2 && plain.Contains(words, StringComparison.Ordinal);

    /// <summary>Whether a word, as it is written but for capitals, stands in a text, and not within another word.</summary>
    public static bool StandIn(string text, string word)
    {
        for (var at = text.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            if ((at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (at + word.Length == text.Length || !char.IsLetterOrDigit(text[at + word.Length])))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Each word of a text that <see cref="Of"/> gave.</summary>
    public static string[] Split(string plain) => plain.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
