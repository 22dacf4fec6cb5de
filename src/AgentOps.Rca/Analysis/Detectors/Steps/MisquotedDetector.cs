using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A passage of the answer that repeats a passage of a result word for word but for one number, which stands nowhere in the run.</summary>
internal sealed partial class MisquotedDetector : IDetector
{
    private const double Strength = 2.4;
    private const int FewestWords = 7;
    private const int MostText = 20_000;
    private const int MostResult = 200_000;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run is not { Answering: { } model, Answer: { Text.Length: <= MostText } answer })
        {
            return [];
        }

        var passages = Sentences.In(answer.Text).SelectMany(static sentence => Quoted().Matches(sentence).Select(static quote => (Text: quote.Groups["words"].Value, IsQuoted: true)).Append((Text: sentence, IsQuoted: false)))
            .Select(static passage => (passage.IsQuoted, Words: Word().Matches(passage.Text))).Where(static one => one.Words.Count >= FewestWords && one.Words.Any(static word => IsFigure(word.Value))).ToList();
        if (passages.Count == 0)
        {
            return [];
        }

        var (known, values, told) = (KnownText.Before(run, model), ResultValue.Before(run, model), KnownNumbers.Told(run));
        foreach (var tool in run.Tools.Where(tool => tool is { Failure: null, Result.Text.Length: <= MostResult } && tool.Number < model.Number))
        {
            var source = Word().Matches(tool.Result!.Text);
            foreach (var passage in passages)
            {
                if (Misquoted(passage.Words, source) is { } found && !IsKnown(known, found.Said.Value) && (passage.IsQuoted || !IsComputed(found.Said.Value, values, told)))
                {
                    return [Describe(run, model, answer, tool, found)];
                }
            }
        }

        return [];
    }

    // The longest stretch around a number that differs: as many words as it takes on both sides are the same, and no other number beside it differs.
    private static (Match Said, Match Source, string Words)? Misquoted(MatchCollection said, MatchCollection source)
    {
        for (var i = 0; i < said.Count; i++)
        {
            if (!IsFigure(said[i].Value))
            {
                continue;
            }

            for (var j = 0; j < source.Count; j++)
            {
                if (!IsFigure(source[j].Value) || AreSame(source[j].Value, said[i].Value))
                {
                    continue;
                }

                var (before, after) = (0, 0);
                while (i - before > 0 && j - before > 0 && AreSame(said[i - before - 1].Value, source[j - before - 1].Value))
                {
                    before++;
                }

                while (i + after < said.Count - 1 && j + after < source.Count - 1 && AreSame(said[i + after + 1].Value, source[j + after + 1].Value))
                {
                    after++;
                }

                if (before + after + 1 >= FewestWords && before > 1 && after > 0)
                {
                    return (said[i], source[j], string.Join(' ', source.Skip(j - before).Take(before + after + 1).Select(static word => word.Value)));
                }
            }
        }

        return null;
    }

    private static bool AreSame(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static bool IsFigure(string word) => char.IsAsciiDigit(word[0]) || SpelledNumber.IsWord(word);

    // What is told as the agent's own may have been computed.
    private static bool IsComputed(string number, List<ResultValue> values, List<Quantity> told) =>
        SpelledNumber.In(number) is not [var one] || KnownNumbers.Explain(new Quantity(one.Value, null, "00000" + number, 0), values, told);

    private static bool IsKnown(KnownText known, string number) => !known.IsWhole
        || known.Texts.Any(text => Regex.IsMatch(text, $@"(?<![\d.,]){Regex.Escape(number)}(?![\d]|[.,]\d)", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)));

    private static Finding Describe(AgentRun run, ModelStep model, Passage answer, ToolStep tool, (Match Said, Match Source, string Words) found)
    {
        var name = StepFindings.Say(tool);
        return StepFindings.At(
            model, "misquoted", "misread_result", Proof.Provenance, Strength,
            $"{StepFindings.Say(model)} told the user {StepFindings.Quote(found.Said.Value, 40)} where {name} had returned {StepFindings.Quote(found.Source.Value, 40)} in the same words, {StepFindings.Quote(found.Words, 120)}; the number of the answer stands nowhere in what the run had seen.",
            [answer.Say("What the answer says.", found.Said.Value), tool.Result!.Say($"{name} had returned it{Words.At(tool.Node.EndNs)}.", "", found.Source.Value)],
            $"Let code take quotations out of what {name} returned, or check them against it before the answer is sent.", "misquoted", explains: run.Runs);
    }

    [GeneratedRegex(@"[“""„«](?<words>[^“”""„«»]{20,600})[”""“»]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\d[\d.,]*(?<![.,])|[\p{L}\p{M}'’]+|%", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();
}
