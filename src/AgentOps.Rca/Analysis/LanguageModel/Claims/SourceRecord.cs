using System.Globalization;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.LanguageModel.Claims.Rules;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.LanguageModel.Claims;

/// <summary>What a cited record says, taken apart so that a claim's words can be looked up in it.</summary>
internal sealed partial class SourceRecord
{
    // Larger numbers are timestamps.
    private const decimal LeastEpoch = 1_000_000_000m;

    private readonly HashSet<string> _stems = new(StringComparer.Ordinal);
    private readonly HashSet<string> _tools = new(StringComparer.Ordinal);
    private readonly List<Quantity> _quantities = [];
    private readonly List<string> _clocks = [];

    public SourceRecord(ClaimReader reader, CitedRecord cited)
        : this(reader, cited.Node, [cited.Tool, cited.Text, cited.Words, cited.Quote, cited.Value])
    {
        Cited = cited;

        // A detector's name says what it looks for, not how this call ended.
        foreach (var word in cited.Kind.Split('_'))
        {
            _stems.Add(EnglishStem.Of(word));
            Means |= Thesaurus.Of(EnglishStem.Of(word)) & (Meanings.Changed | Meanings.Repeated | Meanings.Loop | Meanings.Old | Meanings.Slow | Meanings.Missing | Meanings.Limit);
        }

        Means |= cited.Kind is "self_time" or "latency" or "time" ? Meanings.Duration : Meanings.None;
        if ((cited.Value ?? cited.Words).Trim() is "[]" or "{}" or "null" or "\"\"" || cited.Words.Contains("[]", StringComparison.Ordinal))
        {
            Means |= Meanings.Empty;
        }

        if (cited.Node?.Failure is not null && (cited.Pointer?.Contains("status", StringComparison.Ordinal) == true || cited.Quote is "ERROR" or "error"))
        {
            Means |= Meanings.Failure;
        }
    }

    public SourceRecord(ClaimReader reader, SpanNode? node, IEnumerable<string?> texts)
    {
        Node = node;
        Text = string.Join(" \n ", texts.Where(text => !string.IsNullOrEmpty(text)));
        List<Sentence> sentences = [];
        foreach (var line in Text.Split('\n'))
        {
            sentences.AddRange(reader.Read(Unquoted(line)));
        }

        Sentences = sentences;
        foreach (var sentence in sentences)
        {
            foreach (var token in sentence.Tokens)
            {
                Take(token);
            }

            foreach (var (figure, _) in Figures.Of(sentence.Tokens))
            {
                Take(figure);
            }
        }
    }

    public CitedRecord? Cited { get; }

    public SpanNode? Node { get; }

    /// <summary>Whether it is a record of this tool, and does not only name it.</summary>
    public bool IsOf(IReadOnlyList<string> tools) => Cited?.Tool is { } tool && tools.Contains(tool) || Node is { } node && tools.Contains(node.Tool);

    /// <summary>All its words.</summary>
    public string Text { get; }

    public IReadOnlyList<Sentence> Sentences { get; }

    public IReadOnlyCollection<string> Stems => _stems;

    public Meanings Means { get; private set; }

    public IReadOnlyList<Quantity> Quantities => _quantities;

    /// <summary>Times of day and dates as they stand in it.</summary>
    public IReadOnlyList<string> Clocks => _clocks;

    /// <summary>The tools that it is about or names.</summary>
    public IReadOnlyCollection<string> Tools => _tools;

    public bool HasStem(string stem) => _stems.Contains(stem);

    public bool Names(string tool) => _tools.Contains(tool);

    public bool Holds(string words) => Text.Contains(words, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it has this name as a whole, not as a part of a longer one.</summary>
    public bool HoldsName(string name)
    {
        for (var at = Text.IndexOf(name, StringComparison.OrdinalIgnoreCase); at >= 0; at = Text.IndexOf(name, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            var end = at + name.Length;
            if ((at == 0 || !char.IsLetterOrDigit(Text[at - 1]) || !char.IsLetterOrDigit(name[0]))
                && (end == Text.Length || !char.IsLetterOrDigit(Text[end]) || !char.IsLetterOrDigit(name[^1])))
            {
                return true;
            }
        }

        return false;
    }

    private void Take(ClaimToken token)
    {
        Means |= token.Means;
        switch (token.Kind)
        {
            case TokenKind.Word:
                AddWords(token.Text);
                break;
            case TokenKind.Tool:
                _tools.UnionWith(token.Tools);
                AddWords(token.Text);
                break;
            case TokenKind.Name:
                AddWords(token.Text);
                break;
            case TokenKind.Clock:
                _clocks.Add(token.Text);
                break;
        }
    }

    private void Take(Quantity figure)
    {
        _quantities.Add(figure);
        Means |= figure.Unit == Quantity.Time ? Meanings.Duration : Meanings.None;
        if (figure is { Unit: "", Value: > LeastEpoch and < long.MaxValue })
        {
            _clocks.Add(EpochUnit.ToInstant(EpochUnit.ToNanoseconds((long)figure.Value)).ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture));
        }
    }

    // A name in snake or camel case is also the words it is made of.
    private void AddWords(string text)
    {
        _stems.Add(EnglishStem.Of(text));
        foreach (Match part in Parts.Matches(text))
        {
            var stem = EnglishStem.Of(part.Value);
            _stems.Add(stem);
            if (part.Length < text.Length)
            {
                Means |= Thesaurus.Of(stem);
            }
        }
    }

    private static string Unquoted(string text) => Marks.Replace(text, " ");

    [GeneratedRegex(@"\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})", RegexOptions.CultureInvariant)]
    private static partial Regex Parts { get; }

    [GeneratedRegex(@"[""“”`{}\[\]\\]|(?<![\p{L}\p{N}])'|'(?![\p{L}\p{N}])|(?<=[\p{L}\p{N}])[.](?=[""”])", RegexOptions.CultureInvariant)]
    private static partial Regex Marks { get; }
}
