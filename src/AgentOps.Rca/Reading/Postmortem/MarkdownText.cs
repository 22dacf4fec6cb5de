using System.Text;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Reading;

/// <summary>Text of unknown origin within a document in Markdown: it is shown letter for letter, on one line, and is never markup or a link.</summary>
internal static class MarkdownText
{
    private const string Special = "\\`*_{}[]<>#|~!&$@^=+-";

    /// <summary>The text on one line, with a backslash before what Markdown would read.</summary>
    /// <param name="text">Any text.</param>
    public static string Line(string text)
    {
        var line = Words.OneLine(text).Trim();
        var escaped = new StringBuilder(line.Length + 16);
        for (var i = 0; i < line.Length; i++)
        {
            var character = line[i];
            if (IsRead(line, i, character))
            {
                escaped.Append('\\');
            }

            escaped.Append(character);
        }

        return escaped.ToString();
    }

    /// <summary>The text as code, whatever quotes it holds.</summary>
    /// <param name="text">Any text.</param>
    public static string Code(string text)
    {
        var line = Words.OneLine(text).Trim();
        if (line.Length == 0)
        {
            return "(empty)";
        }

        var longest = 0;
        for (int i = 0, run = 0; i < line.Length; i++)
        {
            run = line[i] == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        var fence = new string('`', longest + 1);
        var room = line[0] == '`' || line[^1] == '`' ? " " : "";
        return $"{fence}{room}{line}{room}{fence}";
    }

    private static bool IsRead(string line, int index, char character) => character switch
    {
        // A sign within a word or a number says nothing to Markdown; at the start of a line it opens a list or a rule.
        '+' or '-' or '=' => index == 0,
        '_' or '$' or '^' => true,
        '.' or ')' => index > 0 && index < 10 && line.AsSpan(0, index).IndexOfAnyExceptInRange('0', '9') < 0
            || (character == '.' && index >= 3 && line.AsSpan(index - 3, 3).Equals("www", StringComparison.OrdinalIgnoreCase)),
        // Readers make links of what looks like an address.
        ':' => index + 2 < line.Length && line[index + 1] == '/' && line[index + 2] == '/',
        _ => Special.Contains(character, StringComparison.Ordinal),
    };
}
