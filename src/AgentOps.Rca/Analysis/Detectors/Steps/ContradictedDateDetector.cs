using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A date of the answer that stands nowhere in the run, under the name that a result gives another date.</summary>
internal sealed partial class ContradictedDateDetector : IAnswerDetector
{
    private const double Strength = 2.3;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run is not { Answering: { } model, Answer: { } answer } || ResultValue.Before(run, model) is not { Count: > 0 } values)
        {
            return [];
        }

        if (!SaidDay.In(answer.Text).Any())
        {
            return [];
        }

        var dated = values.Where(value => value.Value.ValueKind == JsonValueKind.String && IsoDate().IsMatch(value.Value.GetString()!)).ToList();
        // What was asked about is told with the day that it was asked for.
        var asked = MethodVersion.IsBefore(5) ? [] : run.Tools.Where(tool => tool.Number < model.Number && Changes.Reads(tool.Tool) && tool.Arguments is not null).Select(static tool => tool.Arguments!.Text);
        var known = KnownText.Before(run, model).Texts.Concat(asked).SelectMany(SaidDay.In).Distinct().ToList();
        foreach (Match sentence in Sentence().Matches(answer.Text))
        {
            // What lies a while before or after another date is computed, not read.
            var said = SaidDay.In(sentence.Value).Where(date => !known.Exists(date.IsSame)).ToList();
            if (said is not [var date] || Computed().IsMatch(sentence.Value))
            {
                continue;
            }

            var named = dated.Where(value => value.Label.Count > 0 ? value.Label.All(word => sentence.Value.Contains(word[..Math.Min(5, word.Length)], StringComparison.OrdinalIgnoreCase)) : dated.Count == 1).ToList();
            if (named.Select(value => value.Value.GetString()![..10]).Distinct().Count() == 1 && SaidDay.In(named[^1].Value.GetString()!).FirstOrDefault() is { } right && date.DaysFrom(right.Day) > 1)
            {
                return [Describe(run, model, answer, date.Text, named[^1])];
            }
        }

        return [];
    }

    private static Finding Describe(AgentRun run, ModelStep model, Passage answer, string said, ResultValue value)
    {
        var source = StepFindings.Say(value.Source);
        return StepFindings.At(
            model, "contradicted_date", "misread_result", Proof.Provenance, Strength,
            $"{StepFindings.Say(model)} told the user {StepFindings.Quote(said, 60)}, a date that stands nowhere in the run; {source} had returned {Words.Short(value.Value.GetString()!, 40)} as {Words.Short(value.Name, 40)}{Words.At(value.Source.Node.EndNs)}.",
            [answer.Say("What the answer says.", said), value.Say($"{source} returned this date.")],
            $"Let code write the dates of {source} into the answer, or check the answer against the result before it is sent.", "contradicted_date", explains: run.Runs);
    }

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}(?:$|[T ])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex IsoDate();

    [GeneratedRegex(@"\b(?:after|later|within|earlier|before|prior|from then|from now|business days|today|tomorrow|until)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Computed();

    [GeneratedRegex(@"(?:[^.!?;\n]|(?<=\w)[.](?=\w))+[.!?;]*", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Sentence();
}
