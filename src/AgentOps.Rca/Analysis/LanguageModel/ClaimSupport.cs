using System.Text.RegularExpressions;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>
/// Whether what a claim says is carried by the evidence it cites, as far as code can tell. True citations do not make a sentence true: so
/// its tool must be one that is involved, and its figures, addresses, names and telling words must come from the evidence or from what
/// the detectors conclude. It errs towards "not supported", which costs a sentence and never a person's trust.
/// </summary>
internal sealed partial class ClaimSupport(RcaCase rcaCase, RcaReport trace)
{
    private const int TellingLength = 4;
    private const int StemLength = 5;

    /// <summary>Whether this tool is that of the cited evidence's span, or of a neighbour of it in the tree.</summary>
    public static bool IsInvolved(string tool, IReadOnlyList<CheckedCitation> cited) =>
        cited.Any(citation => citation.Item.Node is { } node
            && (node.Tool == tool || node.Parent?.Tool == tool || node.Children.Any(child => child.Tool == tool)));

    /// <summary>Whether the cited evidence carries the words of the claim.</summary>
    public bool Carries(string text, IReadOnlyList<CheckedCitation> cited)
    {
        var source = Source(cited);
        var figures = Figures.Matches(source).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
        foreach (Match exact in Exact.Matches(text))
        {
            var isFigure = Figures.IsMatch(exact.Value) && char.IsAsciiDigit(exact.Value[0]);
            if (isFigure ? !figures.Contains(exact.Value) : !source.Contains(exact.Value.TrimEnd('.', ',', ':'), StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }

        var known = Words.Matches(source).Select(word => Stem(word.Value)).ToHashSet(StringComparer.Ordinal);
        var carried = 0;
        var words = Exact.Replace(text, match => new string(' ', match.Length));
        foreach (Match word in Words.Matches(words))
        {
            var stem = Stem(word.Value);
            if (known.Contains(stem))
            {
                carried++;
            }
            else if (IsName(words, word) || (word.Length >= TellingLength && !ClaimWords.Ordinary.Contains(stem)))
            {
                return false;
            }
        }

        return carried > 0;
    }

    // The detectors' sentences and the tools, not the quoted words: those may be an attacker's, and prove only that they were said.
    private string Source(IReadOnlyList<CheckedCitation> cited) => string.Join(' ', cited
        .SelectMany(citation => new[]
        {
            citation.Item.Text,
            citation.Item.Evidence.Kind,
            citation.Item.Node?.Tool,
            citation.Item.Node?.Parent?.Tool,
            citation.Item.Node?.Failure?.Type,
            FiguresOnly(citation.Item.Words),
        })
        .Concat(trace.Hypotheses.SelectMany(hypothesis => new[] { hypothesis.Cause, hypothesis.Category }).Where(text => !InstructionSigns.In(text)))
        .Append(rcaCase.Incident.ProblemType));

    private static string FiguresOnly(string words) => string.Join(' ', Figures.Matches(words).Select(match => match.Value));

    /// <summary>A capital letter within a sentence makes a name; names must come from the evidence.</summary>
    private static bool IsName(string text, Match word)
    {
        if (!char.IsUpper(word.Value[0]))
        {
            return false;
        }

        var before = text.AsSpan(0, word.Index).TrimEnd();
        return before.Length > 0 && before[^1] is not ('.' or '!' or '?' or ':');
    }

    private static string Stem(string word)
    {
        var lower = word.ToLowerInvariant();
        return lower.Length > StemLength ? lower[..StemLength] : lower;
    }

    [GeneratedRegex(@"\p{L}{3,}", RegexOptions.CultureInvariant)]
    private static partial Regex Words { get; }

    [GeneratedRegex(@"\d+(?:[.,:]\d+)*", RegexOptions.CultureInvariant)]
    private static partial Regex Figures { get; }

    // What must stand in the evidence letter for letter: addresses, placeholders, figures.
    [GeneratedRegex(
        @"[a-z][a-z0-9+.-]*://\S+|\S+@\S+|\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|dev|example|test|ru|cn|xyz|info|biz|app)\b|\[[A-Z]{2,12}_\d+\]|\d+(?:[.,:]\d+)*",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Exact { get; }
}
