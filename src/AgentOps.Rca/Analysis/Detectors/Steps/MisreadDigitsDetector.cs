using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>Digits of the answer that stand nowhere in the run, where a result has the same digits in another order: a number, a time or a name that was copied wrongly.</summary>
internal sealed partial class MisreadDigitsDetector : IAnswerDetector
{
    private const double Strength = 2.2;
    private const int FewestDigits = 4;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run is not { Answering: { } model, Answer: { } answer } || run.Tools.All(tool => tool.Result is null))
        {
            return [];
        }

        // Nearly every long run ends with words alone, and all that it had seen need not be looked through for them.
        var told = Group().Matches(answer.Text).Select(static match => match.Value).Where(IsLong).ToList();
        if (told.Count == 0)
        {
            return [];
        }

        var known = KnownText.Before(run, model);
        var seen = GroupsIn(known.Texts);
        var plain = seen.Select(Digits).ToHashSet(StringComparer.Ordinal);
        var said = told.Where(group => !plain.Contains(Digits(group))).Distinct().ToList();
        var (values, numbers) = (ResultValue.Before(run, model), KnownNumbers.Told(run));
        foreach (var group in said.Where(group => known.IsWhole && !Quantity.In(group).Any(number => KnownNumbers.Explain(number, values, numbers))))
        {
            var alike = seen.Where(other => Sorted(other) == Sorted(group) && Shape(other) == Shape(group) && !answer.Text.Contains(other, StringComparison.Ordinal)).ToList();
            if (alike is [var right] && run.Tools.LastOrDefault(tool => tool.Number < model.Number && tool.Result?.Text.Contains(right, StringComparison.Ordinal) == true) is { } source)
            {
                var name = StepFindings.Say(source);
                var (whole, returned) = (WholeIn(answer.Text, group), WholeIn(source.Result!.Text, right));
                return
                [
                    StepFindings.At(
                        model, "misread_digits", "misread_result", Proof.Provenance, Strength,
                        $"{StepFindings.Say(model)} told the user {StepFindings.Quote(whole, 40)}, which does not occur in anything that the run had seen; {name} had returned {StepFindings.Quote(returned, 40)}{Words.At(source.Node.EndNs)}, the same digits in another order.",
                        [answer.Say("What the answer says.", whole), source.Result!.Say($"{name} returned it.", "", returned)],
                        $"Let code write numbers of {name} into the answer, or check the answer against the result before it is sent.", "misread_digits", explains: run.Runs),
                ];
            }
        }

        return [];
    }

    // Each once, in their order. Results may have millions of them, so no record is made of a match, and no one text of all.
    private static List<string> GroupsIn(IEnumerable<string> texts)
    {
        HashSet<string> known = new(StringComparer.Ordinal);
        var byWords = known.GetAlternateLookup<ReadOnlySpan<char>>();
        List<string> groups = [];
        foreach (var text in texts)
        {
            foreach (var match in Group().EnumerateMatches(text))
            {
                var words = text.AsSpan(match.Index, match.Length);
                if (!byWords.Contains(words) && words.ToString() is var group && IsLong(group))
                {
                    known.Add(group);
                    groups.Add(group);
                }
            }
        }

        return groups;
    }

    private static bool IsLong(string group) => group.Count(char.IsAsciiDigit) >= FewestDigits;

    private static string Digits(string group) => string.Concat(group.Where(char.IsAsciiDigit));

    private static string Sorted(string group) => string.Concat(Digits(group).Order());

    // The number as it is written, with its decimals.
    private static string WholeIn(string text, string group) => MethodVersion.IsBefore(5) ? group
        : Regex.Match(text, $@"(?<![\d.,]){Regex.Escape(group)}(?:\.\d+)?(?!\d)", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)) is { Success: true } whole ? whole.Value : group;

    // Times are compared with times, and plain digits with plain digits.
    private static bool HasColon(string group) => group.Contains(':', StringComparison.Ordinal);

    private static string Shape(string group) => HasColon(group) ? ":" : "";

    [GeneratedRegex(@"(?<![\d])\d{1,2}:\d{2}(?!\d)|(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])|\d{4,12}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Group();
}
