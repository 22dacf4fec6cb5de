using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// Rows that the user wanted left out and that were counted: the word is a value of a column that the run had seen, and the statement in SQL that the answer rests on names neither the value nor the column.
/// </summary>
internal sealed partial class DroppedFilterDetector : IDetector
{
    private const double Strength = 2.2;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (MethodVersion.IsBefore(5) || run is not { Answering: { } model, Answer: { } answer } || AnswerSigns.Of(answer.Text) == AnswerSign.Failure
            || run.Tools.LastOrDefault(tool => tool.Number < model.Number && tool is { Failure: null, Arguments: not null, Result: not null }) is not { } last || StatementOf(last) is not { } statement)
        {
            return [];
        }

        var seen = ResultValue.Before(run, last).FindAll(static value => value.Value.ValueKind == JsonValueKind.String && value.Name.Length > 1);
        foreach (var (text, match) in run.SaidByUsers().SelectMany(static text => LeftOut().Matches(text.Text).Select(match => (text, match))))
        {
            var word = match.Groups["word"].Value;
            if (!Holds(statement, word) && !Holds(answer.Text, word) && seen.FindAll(value => IsSame(value.Value.GetString()!, word)) is { Count: > 0 } values
                && !values.Exists(value => ToolWords.Of(value.Name).Any(part => part.Length > 3 && statement.Contains(part.TrimEnd('s'), StringComparison.OrdinalIgnoreCase))) && values.Find(static value => !IsOfNoColumn().IsMatch(value.Name)) is { } value)
            {
                return [Describe(run, last, text, match.Value, value)];
            }
        }

        return [];
    }

    private static string? StatementOf(ToolStep call) => call.Arguments!.Value.ValueKind != JsonValueKind.Object ? null
        : call.Arguments.Value.EnumerateObject().Where(static member => member.Value.ValueKind == JsonValueKind.String).Select(static member => member.Value.GetString()!).FirstOrDefault(static text => Selects().IsMatch(text));

    // Canceled is cancelled.
    private static bool IsSame(string value, string word) => Stem(value).Equals(Stem(word), StringComparison.OrdinalIgnoreCase);

    private static bool Holds(string text, string word) => text.Contains(Stem(word), StringComparison.OrdinalIgnoreCase) || text.Replace("ll", "l", StringComparison.OrdinalIgnoreCase).Contains(Stem(word), StringComparison.OrdinalIgnoreCase);

    private static string Stem(string word) => word.Replace("ll", "l", StringComparison.OrdinalIgnoreCase).TrimEnd('s');

    private static Finding Describe(AgentRun run, ToolStep last, Passage said, string words, ResultValue value)
    {
        var name = StepFindings.Say(last);
        var excluded = StepFindings.Quote(value.Value.GetString()!, 40);
        return StepFindings.At(
            last.Asker is { } asker ? asker : last, "dropped_filter", "ignored_request", Proof.Provenance, Strength,
            $"The user had asked for {StepFindings.Quote(words, 60)}; {excluded} is a value of {Words.Short(value.Name, 40)}, and the statement that {name} was given{Words.At(last.Node.StartNs)} says nothing of it, so that those rows are among what it returned.",
            [said.Say("What the user had said.", words), value.Say($"{StepFindings.Say(value.Source)} had returned the value{Words.At(value.Source.Node.EndNs)}."), last.Arguments!.Say($"What {name} was given{Words.At(last.Node.StartNs)}.")],
            $"Check statements for the conditions that the user named before {name} runs them.", "dropped_filter", explains: [last, .. run.Answering is { } model ? (AgentStep[])[model] : []]);
    }

    [GeneratedRegex(@"\b(?:leav(?:e|ing) out|exclud(?:e|ing)|without|except(?: for)?|not (?:counting|including)|ignor(?:e|ing)|omit(?:ting)?|disregard(?:ing)?|ohne|außer|sans|sauf|excluyendo|excepto|sin contar)\s+(?:(?:the|all|any|those|alle|die|les|los|las)\s+)?(?<word>\p{L}{4,})\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex LeftOut();

    [GeneratedRegex(@"^(?:rows?|data|results?|records?|items?|values?|content|text|output)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex IsOfNoColumn();

    [GeneratedRegex(@"\bselect\b.+\bfrom\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline, 1000)]
    private static partial Regex Selects();
}
