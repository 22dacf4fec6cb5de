using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A record that the run knows but for which nobody asked: the sentence of the user that asks for what the call does names exactly one record of the form, and
/// the call was given another one that stands beside it in a list, or that the user named for something else.
/// </summary>
internal static partial class AskedRecord
{
    private const int MostBetween = 40;

    public static AskedOtherwise? Find(AgentRun run, ToolStep call, List<Passage> said)
    {
        var verbs = ToolWords.Of(call.Tool).Where(static word => word.Length > 3 && (ToolWords.Writes(word) || Changes.Act(word))).Take(1).Select(RuleWords.Stem).ToList();
        foreach (var value in verbs.Count == 0 ? [] : Changes.GivenTo(call).Where(static value => IsRecord(value.Value.ToString()) && ToolWords.Of(value.Name) is { Count: > 0 }))
        {
            var given = value.Value.ToString();
            if (Asked(said, verbs, given) is { } asked && asked.Id != given && !IsNamed(said, verbs, given) && AreSiblings(run, call, said, given, asked.Id)
                && !run.Tools.Any(other => (other == call || other.Tool == call.Tool) && other.Arguments is { } arguments && Holds(arguments.Text, asked.Id)) && !Changes.HasProposed(run, call, text => Holds(text, given)))
            {
                return new AskedOtherwise(value, given, asked.Text, asked.Words, Evidence.Words.Invariant($", so {Evidence.Words.Short(given, 40)} is another record than the one that was asked for"));
            }
        }

        return null;
    }

    // The last sentence with the verb and with records of the form counts.
    private static (string Id, string Words, Passage Text)? Asked(List<Passage> said, List<string> verbs, string given)
    {
        (string Id, string Words, Passage Text)? found = null;
        foreach (var text in said)
        {
            if (Elsewhere().IsMatch(text.Text))
            {
                return null;
            }

            foreach (var sentence in Sentences.In(text.Text))
            {
                var ids = Form(given).Matches(sentence).ToList();
                if (ids.Count == 0 || VerbBefore(sentence, verbs, ids[0].Index) is not { } at)
                {
                    continue;
                }

                var between = sentence[at..ids[0].Index];
                if (ids.DistinctBy(static id => id.Value).Count() > 1 || between.Length > MostBetween || Apart().IsMatch(between) || Not().IsMatch(sentence[..at]) || sentence.EndsWith('?') || Onwards().IsMatch(sentence.AsSpan(ids[0].Index + ids[0].Length)))
                {
                    return null;
                }

                found = (ids[0].Value, sentence[at..(ids[0].Index + ids[0].Length)], text);
            }
        }

        return found;
    }

    // A sentence with the verb that names it, too, asks for it.
    private static bool IsNamed(List<Passage> said, List<string> verbs, string given) =>
        said.SelectMany(static text => Sentences.In(text.Text)).Any(sentence => Holds(sentence, given) && VerbBefore(sentence, verbs, sentence.Length) is not null);

    private static int? VerbBefore(string sentence, List<string> verbs, int end)
    {
        var match = Word().Matches(sentence).LastOrDefault(word => word.Index + word.Length <= end && verbs.Exists(verb => verb.Length > 3 ? word.Value.StartsWith(verb, StringComparison.OrdinalIgnoreCase) : word.Value.Equals(verb, StringComparison.OrdinalIgnoreCase)));
        return match?.Index;
    }

    // Both stand in one list, or the user speaks of both; a record that leads from the one to the other may be meant.
    private static bool AreSiblings(AgentRun run, ToolStep call, List<Passage> said, string given, string asked)
    {
        var isListed = said.Exists(text => Holds(text.Text, given) && Holds(text.Text, asked));
        foreach (var tool in run.Tools.Where(tool => tool.Number < call.Number && tool.Result is not null && Holds(tool.Result.Text, given)))
        {
            var values = ResultValue.In(tool, tool.Result!.Value);
            var (one, other) = (values.FindAll(value => value.Value.ToString() == given && IsLeaf(value)), values.FindAll(value => value.Value.ToString() == asked && IsLeaf(value)));
            if (Holds(tool.Result.Text, asked) ? one.Count == 0 || other.Count == 0 || !one.TrueForAll(left => other.TrueForAll(right => left.Name == right.Name && left.Pointer.Count(static sign => sign == '/') == right.Pointer.Count(static sign => sign == '/')))
                : tool.Arguments is { } arguments && Holds(arguments.Text, asked))
            {
                return false;
            }

            isListed |= one.Count > 0 && other.Count > 0;
        }

        return isListed;
    }

    private static bool IsLeaf(ResultValue value) => value.Value.ValueKind is System.Text.Json.JsonValueKind.String or System.Text.Json.JsonValueKind.Number;

    private static bool IsRecord(string text) => text.Length is >= 4 and <= 40 && text.Count(char.IsAsciiDigit) >= 2 && Whole().IsMatch(text) && !CalendarForm.Is(text) && (text.Length > 4 || !text.All(char.IsAsciiDigit));

    private static bool Holds(string text, string id) => Regex.IsMatch(text, $@"(?<![\w-]){Regex.Escape(id)}(?![\w-])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    // What has the same letters and signs, and so many digits.
    private static Regex Form(string id) => new(
        @"(?<![\w.,-])" + string.Concat(Runs().Matches(id).Select(static run => char.IsAsciiDigit(run.Value[0]) ? $@"\d{{{run.Length}}}" : Regex.Escape(run.Value))) + @"(?![\w-]|[.,]\d)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    [GeneratedRegex(@"^#?[\p{L}\d]+(?:[-_/.][\p{L}\d]+)*$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Whole();

    [GeneratedRegex(@"\d+|\D+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Runs();

    [GeneratedRegex(@"[\p{L}]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();

    // Not that one itself: its copy, what came before it, or what it is taken from.
    [GeneratedRegex(@"\b(?:duplicate|copy|replacement|instead|from|for|like|as|than|after|before|of the|child|parent|linked|related|successor|predecessor|everything|all|others?|except|but|not|similar|into|to|Kopie|Ersatz|statt|von|für|wie|nach|vor|außer|copie|comme|que|para|del?|como|salvo)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Apart();

    [GeneratedRegex(@"\b(?:not|never|n['’]t|nicht|kein\w*|pas|no|non|não|niet)\b|n['’]t\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Not();

    [GeneratedRegex(@"\b(?:the other|another one|other one|the first one|the second one|the latter|the former|the next one|the previous one|duplicates?|whichever|one of them|or|both|(?:der|die|das) andere\w*|l['’]autre|[ea]l otro|la otra|l['’]altr[oa]|o outro|a outra|de andere)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Elsewhere();

    [GeneratedRegex(@"^\W{0,3}(?:to|through|until|or|and|bis|oder|und|à|et|ou|y|o|e|onwards?|instead|['’]s)\b|^\s*[-–]\s*\d", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Onwards();
}
