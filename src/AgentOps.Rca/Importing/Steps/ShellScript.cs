using System.Text.RegularExpressions;

namespace AgentOps.Rca.Importing.Steps;

/// <summary>What a line of commands runs: the first command that does more than prepare the others.</summary>
internal static partial class ShellScript
{
    // They set up what comes behind them.
    private static readonly string[] Setup = ["cd", "pushd", "export", "source", "set", "."];

    /// <summary>The name of that command; where all of them prepare, of the first. Null when it has no plain name.</summary>
    public static string? CommandOf(string script)
    {
        string? first = null;
        var isFirst = true;
        for (var at = 0; at < script.Length;)
        {
            var (command, hasText, next) = Next(script, at);
            at = next;
            command = Assignments().Replace(command.TrimStart(), "");
            if (command.Length == 0 || command[0] == '#')
            {
                continue;
            }

            var name = FirstWord().Match(command) is { Success: true } word ? word.Value : null;
            (first, isFirst) = isFirst ? (name, false) : (first, false);
            var writes = hasText && name is "cat" or "tee";
            if (!writes && !command.StartsWith(". ", StringComparison.Ordinal) && Array.IndexOf(Setup, name) < 0)
            {
                return name;
            }
        }

        return first;
    }

    // One command up to its end (a line's, ";", "&&", "||"), whether a text follows it ("<<"), and where the next one begins.
    private static (string Command, bool HasText, int Next) Next(string script, int start)
    {
        List<(string Mark, bool IsIndented)> texts = [];
        var quote = '\0';
        var at = start;
        var end = -1;
        for (; at < script.Length; at++)
        {
            var c = script[at];
            if (quote != '\0')
            {
                at += quote == '"' && c == '\\' ? 1 : 0;
                quote = c == quote ? '\0' : quote;
            }
            else if (c == '\\')
            {
                at++;
            }
            else if (c is '\'' or '"')
            {
                quote = c;
            }
            else if (c == '<' && TextMark().Match(script, at) is { Success: true } mark)
            {
                texts.Add((mark.Groups["mark"].Value, mark.Groups["indented"].Length > 0));
                at += mark.Length - 1;
            }
            else if (c == '\n')
            {
                end = end < 0 ? at : end;
                at = PastTexts(script, at + 1, texts);
                break;
            }
            else if (end < 0 && (c == ';' || ((c == '&' || c == '|') && at + 1 < script.Length && script[at + 1] == c)))
            {
                end = at;
                if (texts.Count == 0)
                {
                    at += c == ';' ? 1 : 2;
                    break;
                }
            }
        }

        at = Math.Min(at, script.Length);
        return (script[start..(end < 0 ? at : end)], texts.Count > 0, at);
    }

    private static int PastTexts(string script, int at, List<(string Mark, bool IsIndented)> texts)
    {
        foreach (var (mark, isIndented) in texts)
        {
            while (at < script.Length)
            {
                var end = script.IndexOf('\n', at);
                end = end < 0 ? script.Length : end;
                var line = script.AsSpan(at, end - at).TrimEnd('\r');
                at = Math.Min(end + 1, script.Length);
                if ((isIndented ? line.TrimStart('\t') : line).SequenceEqual(mark))
                {
                    break;
                }
            }
        }

        return at;
    }

    [GeneratedRegex(@"^(?:[A-Za-z_][A-Za-z0-9_]*=(?:'[^']*'|""[^""]*""|[^\s'""])*(?:\s+|$))+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Assignments();

    [GeneratedRegex(@"\G<<(?<indented>-?)[ \t]*(?<quote>['""]?)(?<mark>[A-Za-z_][A-Za-z0-9_]*)\k<quote>", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex TextMark();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_\-]{0,40}(?=\s|$)", RegexOptions.CultureInvariant)]
    private static partial Regex FirstWord();
}
