using System.Text.RegularExpressions;

namespace AgentOps.Rca.Analysis.LanguageModel.Claims;

/// <summary>Reads English sentences into words, names, tools, figures, times and quotes.</summary>
internal sealed partial class ClaimReader
{
    private readonly (string Text, string[] Tools)[] _tools;

    /// <param name="tools">The names of the tools of the run.</param>
    public ClaimReader(IEnumerable<string> tools)
    {
        var names = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var tool in tools.Where(tool => tool.Length > 0))
        {
            foreach (var name in NamesOf(tool))
            {
                (names.TryGetValue(name, out var full) ? full : names[name] = new HashSet<string>(StringComparer.Ordinal)).Add(tool);
            }
        }

        _tools = [.. names.OrderByDescending(name => name.Key.Length).ThenBy(name => name.Key, StringComparer.Ordinal).Select(name => (name.Key, name.Value.ToArray()))];
    }

    public IReadOnlyList<Sentence> Read(string text)
    {
        List<Sentence> sentences = [];
        List<ClaimToken> current = [];
        foreach (var token in Lex(text))
        {
            if (token.IsMark(".", "!", "?"))
            {
                Close();
            }
            else
            {
                current.Add(token);
            }
        }

        Close();
        return sentences;

        void Close()
        {
            if (current.Count > 0)
            {
                Phrasing.Bind(current);
                sentences.Add(new Sentence(current, Phrasing.Split(current)));
                current = [];
            }
        }
    }

    /// <summary>A tool's name, and its last parts where they are too particular to be a word.</summary>
    private static IEnumerable<string> NamesOf(string tool)
    {
        yield return tool;
        var slash = tool.LastIndexOf('/');
        var last = slash < 0 ? tool : tool[(slash + 1)..];
        if (slash >= 0 && IsParticular(last))
        {
            yield return last;
        }

        var dot = last.LastIndexOf('.');
        if (dot > 0 && IsParticular(last[..dot]) && !char.IsAsciiDigit(last[dot + 1 < last.Length ? dot + 1 : dot]))
        {
            yield return last[..dot];
        }
    }

    private static bool IsParticular(string name) => name.Length >= 4 && (name.Any(letter => char.IsAsciiDigit(letter) || letter is '_' or '.' or '-') || name.Skip(1).Any(char.IsUpper) && name.Any(char.IsLower));

    private IEnumerable<ClaimToken> Lex(string text)
    {
        var at = 0;
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            if (ToolAt(text, at) is { } tool)
            {
                yield return new ClaimToken(TokenKind.Tool, tool.Text, tool.Text) { Tools = tool.Tools };
                at += tool.Text.Length;
                continue;
            }

            var match = Piece.Match(text, at);
            if (!match.Success)
            {
                at++;
                continue;
            }

            foreach (var token in Of(match))
            {
                yield return token;
            }

            at += match.Length;
        }
    }

    private (string Text, string[] Tools)? ToolAt(string text, int at)
    {
        if (at > 0 && (char.IsLetterOrDigit(text[at - 1]) || text[at - 1] is '_' or '/' or '-' or '.'))
        {
            return null;
        }

        foreach (var tool in _tools)
        {
            if (string.CompareOrdinal(text, at, tool.Text, 0, tool.Text.Length) == 0 && EndsAt(text, at + tool.Text.Length))
            {
                return tool;
            }
        }

        return null;
    }

    private static bool EndsAt(string text, int end) => end >= text.Length
        || (!char.IsLetterOrDigit(text[end]) && text[end] is not ('_' or '/') && !(text[end] is '-' or '.' && end + 1 < text.Length && char.IsLetterOrDigit(text[end + 1])));

    private static IEnumerable<ClaimToken> Of(Match match)
    {
        if (match.Groups["quote"].Success)
        {
            var quote = match.Value[1..^1].Trim().TrimEnd('…', ',').Trim();
            yield return new ClaimToken(TokenKind.Quote, quote, quote);
        }
        else if (match.Groups["clock"].Success)
        {
            yield return new ClaimToken(TokenKind.Clock, match.Value, match.Value);
        }
        else if (match.Groups["figure"].Success)
        {
            var unit = match.Groups["unit"].Value.Length > 0 ? match.Groups["unit"].Value : match.Groups["sign"].Value switch { "$" => "usd", "€" => "eur", "£" => "gbp", _ => null };
            var digits = match.Groups["digits"].Value;
            var quantity = Quantity.Parse(digits, unit);
            yield return new ClaimToken(quantity is null ? TokenKind.Name : TokenKind.Figure, digits, digits) { Quantity = quantity };
        }
        else if (match.Groups["name"].Success)
        {
            var name = match.Value.TrimEnd('.', ':', '-', '/');
            yield return new ClaimToken(TokenKind.Name, name, name);
        }
        else if (match.Groups["word"].Success)
        {
            yield return Word(match.Value);
        }
        else
        {
            yield return new ClaimToken(TokenKind.Mark, match.Value, match.Value);
        }
    }

    private static ClaimToken Word(string text)
    {
        if (Quantity.WordValue(text) is { } value)
        {
            return new ClaimToken(TokenKind.Figure, text, text) { Quantity = new Quantity(value, "", 1) };
        }

        var inner = text.EndsWith("'s", StringComparison.Ordinal) || text.EndsWith("’s", StringComparison.Ordinal) ? text[..^2] : text;
        var isName = inner.Length > 1 && !NeutralWords.IsCapitals(inner) && inner.Skip(1).Any(char.IsUpper) && !inner.Contains('-', StringComparison.Ordinal);
        return new ClaimToken(isName ? TokenKind.Name : TokenKind.Word, inner, isName ? inner : EnglishStem.Of(inner));
    }

    // In this order: words in quotation marks; dates and times of day; figures with their unit; what has the form of a name; words; marks.
    [GeneratedRegex(
        """
        \G(?:
          (?<quote>"[^"\n]{1,600}"|“[^”\n]{1,600}”|`[^`\n]{1,600}`|(?<![\p{L}\p{N}])[‘'][^'’\n]{1,300}[’'](?![\p{L}\p{N}]))
        | (?<clock>\d{4}-\d\d-\d\d(?:[T\ ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?|\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?Z?)(?![\p{L}\p{N}:_])
        | (?<figure>(?<sign>[$€£])?(?<digits>[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?![\p{L}\p{N}_]|[./:-][\p{L}\p{N}])(?:[\ -]?(?<unit>%|percent|nanoseconds?|microseconds?|milliseconds?|msecs?|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|ns|µs|ms|s|h|USD|EUR|GBP|dollars?|euros?|cents?|bytes|[KMG]i?B)(?![\p{L}\p{N}_]))?
          |(?<digits>\d+(?:\.\d+)?)(?<unit>%|ns|µs|ms|s|min|h|[KMG]i?B)(?![\p{L}\p{N}_]))
        | (?<name>[a-zA-Z][a-zA-Z0-9+.-]*://[^\s"'<>),;]+|[\p{L}\p{N}_.+-]+@[\p{L}\p{N}.-]+|\[[A-Z]{2,12}_\d+\]
          |(?=[\p{L}\p{N}_#/.:@-]*(?:[\p{N}_]|[/#:@](?=[\p{L}\p{N}_])))[\p{L}\p{N}_#/][\p{L}\p{N}_#/.:@-]*[\p{L}\p{N}_]|[\p{L}_][\p{L}\p{N}_-]*(?:\.[\p{L}\p{N}_-]+)+|\#?\p{N}[\p{L}\p{N}]*)
        | (?<word>\p{L}+(?:['’-]\p{L}+)*)
        | (?<mark>[.!?](?=\s|$)|\S)
        )
        """,
        RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Piece { get; }
}
