using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// An answer with figures of which not one occurs in anything that the run had seen, about that which a call had looked up in vain: it failed or brought nothing, and no call of it did better.
/// </summary>
internal sealed partial class InventedFigureDetector : IAnswerDetector
{
    private const double Strength = 2.6;

    // They give nothing back, whatever they are called with.
    private static readonly string[] Inward = ["think", "thought", "thinking", "reason", "reasoning", "reflect", "plan", "scratchpad", "memory", "todo", "sleep", "wait", "noop", "finish", "done", "log", "trace"];

    private const int StemLength = 5;
    private const int MostAnswer = 6_000;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run is not { Answering: { } model, Answer: { Text.Length: <= MostAnswer } answer } || AnswerSigns.Of(answer.Text) == AnswerSign.Failure || Hedged().IsMatch(answer.Text))
        {
            return [];
        }

        var stated = Figure().Matches(answer.Text).Select(static match => match.Value.Trim()).Distinct(StringComparer.Ordinal).ToList();
        if (stated.Count == 0 || InVain(run, model, Sentences.In(answer.Text).ToList()) is not { Count: > 0 } vain)
        {
            return [];
        }

        var known = KnownText.Before(run, model);
        var told = KnownNumbers.Told(run);
        if (!known.IsWhole || stated.Exists(figure => IsKnown(known, figure) || Quantity.In(figure).Any(number => KnownNumbers.Explain(number, [], told))))
        {
            return [];
        }

        // What was found elsewhere may have been added up.
        var sums = run.Tools.Where(tool => tool.Number < model.Number && tool is { Failure: null, Result: not null }).SelectMany(static tool => ResultValue.In(tool, tool.Result!.Value)).Where(static value => value.Number is not null)
            .GroupBy(static value => value.Name).Select(static group => (Sum: group.Sum(static value => value.Number!.Value), Average: group.Average(static value => value.Number!.Value), Count: (double)group.Count())).ToList();
        if (stated.SelectMany(Quantity.In).Any(figure => sums.Exists(sum => KnownNumbers.AreSame(sum.Sum, figure.Value) || Math.Abs(sum.Average - figure.Value) < 0.01 || KnownNumbers.AreSame(sum.Count, figure.Value))))
        {
            return [];
        }

        return [Describe(model, answer, stated, vain)];
    }

    // Lookups that failed or found nothing, about what the answer speaks of.
    private static List<ToolStep> InVain(AgentRun run, ModelStep model, List<string> sentences)
    {
        var lookups = run.Tools.Where(tool => tool.Number < model.Number && tool is { IsHandoff: false, Commands.Count: 0 } && !ToolWords.Writes(tool.Tool) && !ToolWords.Of(tool.Tool).Any(static word => Array.IndexOf(Inward, word) >= 0)).ToList();
        return lookups.FindAll(tool => (tool.Failure is not null ? tool.Outcome is not FailureOutcome.Repaired : tool.Result?.IsEmpty == true)
            && !lookups.Exists(other => other.Tool == tool.Tool && other is { Failure: null, Result.IsEmpty: false })
            && sentences.Exists(sentence => Figure().IsMatch(sentence) && IsAbout(tool, sentence)) && !sentences.Exists(sentence => IsAbout(tool, sentence) && AnswerSigns.TellsOfNone(sentence)));
    }

    private static bool IsAbout(ToolStep tool, string answer) => ToolWords.Subjects(tool.Tool).Concat(tool.Arguments is { } arguments ? Word().Matches(arguments.Text).Select(static match => match.Value) : [])
        .Where(static word => word.Length >= StemLength - 1).Any(word => answer.Contains(word[..Math.Min(word.Length, StemLength)], StringComparison.OrdinalIgnoreCase));

    // As a number of its own, in whatever way it is grouped.
    private static bool IsKnown(KnownText known, string figure)
    {
        var digits = figure[..(figure.AsSpan().LastIndexOfAnyInRange('0', '9') + 1)];
        var bare = string.Concat(digits.Where(char.IsAsciiDigit));
        // A small number stands somewhere in any run; with what it counts it says something.
        if (bare.Length <= 2 && figure[digits.Length..].Trim() is { Length: > 3 } counted)
        {
            return known.Texts.Any(text => text.Contains($"{digits} {counted[..3]}", StringComparison.OrdinalIgnoreCase) || text.Contains($"{digits}-{counted[..3]}", StringComparison.OrdinalIgnoreCase) || text.Contains(digits + counted[..3], StringComparison.OrdinalIgnoreCase));
        }

        return known.Texts.Any(text => Stands(text, digits) || (bare.Length > 2 && Stands(text, bare)));
    }

    private static bool Stands(string text, string number)
    {
        for (var at = text.IndexOf(number, StringComparison.Ordinal); at >= 0; at = text.IndexOf(number, at + 1, StringComparison.Ordinal))
        {
            if ((at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1])) && (at + number.Length == text.Length || !char.IsAsciiDigit(text[at + number.Length])))
            {
                return true;
            }
        }

        return false;
    }

    private static Finding Describe(ModelStep model, Passage answer, List<string> stated, List<ToolStep> vain)
    {
        const int most = 3;
        var how = string.Join(", ", vain.DistinctBy(static tool => tool.Tool).Take(most).Select(static tool => $"{StepFindings.Say(tool)} {(tool.Failure is not null ? "failed" : "returned nothing")}"));
        return StepFindings.At(
            model, "invented_figure", "invented_answer", Proof.Provenance, Strength,
            $"{StepFindings.Say(model)} answered {StepFindings.Quote(answer.Text, 120)} although {how}; {string.Join(", ", stated.Take(most).Select(static figure => StepFindings.Quote(figure, 40)))} {(stated.Count == 1 ? "does" : "do")} not occur in anything that the run had seen.",
            [
                answer.Say("What the answer states.", stated[0]),
                .. vain.DistinctBy(static tool => tool.Tool).Take(most).Select(static tool => tool.Failure?.Evidence ?? tool.Result!.Say($"{StepFindings.Say(tool)} returned nothing{Words.At(tool.Node.EndNs)}.", Emptiness.Of(tool.Result.Value) ?? "")),
            ],
            "Tell the model to say what it could not look up, and check the figures of answers against what the tools returned.", "unsupported_answer", explains: vain.SelectMany(static tool => new AgentStep?[] { tool, tool.Asker }).OfType<AgentStep>());
    }

    // With decimals, with what they count, or of several digits; a year alone, an item of a list and the number in a name are none.
    [GeneratedRegex(@"(?<![\w.,/#-])(?:[$€£¥]\s?)?\d{1,3}(?:[.,\u00A0\u202F ]\d{3})+(?![\d-])(?:[.,]\d+)?(?:\s?(?:%|€|\$|£|[A-Z]{3}\b|[MmkK]\b))?|(?<![\w.,/#-])(?:[$€£¥]\s?)?\d+[.,]\d{1,2}(?![\d.])(?:\s?(?:%|€|\$|£|[A-Z]{3}\b|[MmkK]\b|(?:million|billion|Mio|Mrd)\w*))?|(?<![\w.,/#-])\d+\s?(?:%|€|\$|£|(?:EUR|USD|GBP|CHF|JPY|years?|months?|weeks?|days?|hours?|minutes?|Jahre?n?|Monate?n?|Tagen?|ans|mois|jours|años|meses|días|anni|mesi|giorni|anos|kg|km|kWh|GB|MB|kW|million|billion)\b)|(?<![\w.,/#-])\d{4,}(?![\w/-]|\.\d)(?<!\b(?:19|20)\d\d)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Figure();

    // It says itself where the figures come from.
    [GeneratedRegex(@"\b(?:typically|usually|generally|in general|approximately|roughly|about|around|estimate[ds]?|assum\w+|example|as a rule|from (?:my|general) knowledge|ungefähr|etwa|circa|ca\.|in der Regel|üblicherweise|environ|en général|aproximadamente|normalmente|circa|in genere)\b|~", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Hedged();

    [GeneratedRegex(@"(?<![\p{L}_])\p{L}[\p{L}\d-]{3,}(?![\p{L}_]*""\s*:)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();
}
