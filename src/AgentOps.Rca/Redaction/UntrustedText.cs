using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Redaction;

/// <summary>Text that somebody else wrote, made fit to be shown.</summary>
internal static partial class UntrustedText
{
    /// <summary>
    /// The text without what a reader cannot see: control characters (a space stands for them), format characters such as zero-width and
    /// bidirectional marks and tags, private use, variation selectors and halves of surrogate pairs. Runs of white space become one space.
    /// JSON's numeric escapes of printable ASCII are undone, so that no secret hides behind them.
    /// </summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in Unescape(text).EnumerateRunes())
        {
            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.Control or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator:
                    if (clean.Length > 0 && clean[^1] != ' ')
                    {
                        clean.Append(' ');
                    }

                    break;
                case UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate:
                case UnicodeCategory.NonSpacingMark when rune.Value is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF):
                    break;
                default:
                    if (rune != Rune.ReplacementChar)
                    {
                        clean.Append(rune.ToString());
                    }

                    break;
            }
        }

        return clean.ToString().TrimEnd();
    }

    /// <summary>Why a person's name or words cannot be taken, or null: what a reader cannot see can forge what is printed.</summary>
    /// <param name="text">The text.</param>
    /// <param name="mayHaveLines">Whether it may have several lines.</param>
    public static string? FindProblem(string text, bool mayHaveLines)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            var isSeen = Rune.GetUnicodeCategory(rune) switch
            {
                UnicodeCategory.Control => mayHaveLines && rune.Value is '\n' or '\r' or '\t',
                UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => mayHaveLines,
                // Zero-width joiners hold emoji and letters of some scripts together.
                UnicodeCategory.Format => rune.Value is 0x200C or 0x200D,
                _ => true,
            };
            if (!isSeen)
            {
                return string.Create(CultureInfo.InvariantCulture, $"It must not hold the control or format character U+{rune.Value:X4}.");
            }
        }

        return null;
    }

    private static string Unescape(string text) => !text.Contains("\\u00", StringComparison.Ordinal) ? text
        : Escape.Replace(text, match => match.ValueSpan[2..] is "0022"
            ? "\\\""
            : ((char)int.Parse(match.ValueSpan[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString());

    // The quote stays escaped, and the backslash is left: they end or escape something.
    [GeneratedRegex(@"\\u00(?!5[Cc])(?:[2-6][0-9A-Fa-f]|7[0-9A-Ea-e])", RegexOptions.CultureInvariant)]
    private static partial Regex Escape { get; }

    /// <summary>The first so many characters, cut between whole ones, with an ellipsis when something is missing.</summary>
    public static string Cut(string text, int most)
    {
        if (text.Length <= most)
        {
            return text;
        }

        var end = char.IsHighSurrogate(text[most - 1]) ? most - 1 : most;
        return text[..end] + "…";
    }
}
