using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>An answer that tells what a document says which says of itself that another one has replaced it, where the run never read the other one.</summary>
internal sealed partial class SupersededSourceDetector : IAnswerDetector
{
    private const double Strength = 2.4;
    private const int MostText = 60_000;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run is not { Answering: { } model, Answer: { } answer })
        {
            return [];
        }

        foreach (var read in run.Tools.Where(tool => tool is { Failure: null, IsHandoff: false, Result.Text.Length: > 0 and <= MostText } && tool.Number < model.Number && !ToolWords.Writes(tool.Tool)))
        {
            foreach (Match notice in Notice().Matches(read.Result!.Text))
            {
                var successor = notice.Groups["by"].Value;
                if (Identifiers.IsIdentifier(successor) && !run.Tools.Any(other => other.Arguments?.Text.Contains(successor, StringComparison.OrdinalIgnoreCase) == true) && !answer.Text.Contains(successor, StringComparison.OrdinalIgnoreCase)
                    && !Heeded().IsMatch(answer.Text) && Taken(run, read, answer) is { } figure)
                {
                    return [Describe(model, answer, read, notice.Value, successor, figure)];
                }
            }
        }

        return [];
    }

    // A figure with its unit, or a paragraph, that only this document gives.
    private static string? Taken(AgentRun run, ToolStep read, Passage answer) => Figure().Matches(answer.Text).Select(static match => match.Value)
        .FirstOrDefault(figure => read.Result!.Text.Contains(figure, StringComparison.Ordinal) && !run.SaidByUsers().Any(text => text.Text.Contains(figure, StringComparison.Ordinal))
            && !run.Tools.Any(other => other != read && other.Result is { } result && result.Text.Contains(figure, StringComparison.Ordinal)));

    private static Finding Describe(ModelStep model, Passage answer, ToolStep read, string notice, string successor, string figure)
    {
        var name = StepFindings.Say(read);
        return StepFindings.At(
            read, "superseded_source", "stale_data", Proof.Provenance, Strength,
            $"{StepFindings.Say(model)} told the user what a document says ({StepFindings.Quote(figure, 40)}) of which {name} had said {StepFindings.Quote(notice, 120)}{Words.At(read.Node.EndNs)}, and {Words.Short(successor, 40)} was never read.",
            [
                read.Result!.Say("What the document says of itself.", "", notice),
                answer.Say("What the answer takes from it.", figure),
            ],
            $"Have {name} leave out what has been replaced, or lead to what replaced it.", "superseded_source", explains: [model, .. read.Asker is null ? (AgentStep[])[] : [read.Asker]]);
    }

    [GeneratedRegex(@"\b(?:replaced|superseded|succeeded|obsoleted|withdrawn|deprecated)\b[^.\n""]{0,30}\b(?:by|use|see|in favou?r of)\s+(?:the\s+|version\s+|document\s+)?[“""'`]?(?<by>[\w][\w./-]{2,40})|\b(?:ersetzt|abgelöst)\s+durch\s+(?<by>[\w][\w./-]{2,40})|\bremplacée?\s+par\s+(?<by>[\w][\w./-]{2,40})|\bsustituid[oa]\s+por\s+(?<by>[\w][\w./-]{2,40})|\bsubstituíd[oa]\s+por\s+(?<by>[\w][\w./-]{2,40})", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Notice();

    [GeneratedRegex(@"§\s?\d+|\d[\d.,]*\s?(?:%|percent|days?|hours?|weeks?|months?|years?|euros?|EUR|USD|GBP|€|\$|£|Tage?n?|Stunden|jours|días|dias)(?!\w)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Figure();

    [GeneratedRegex(@"\b(?:superseded|replaced|outdated|older version|old version|no longer (?:valid|current)|newer version|veraltet|ersetzt|obsol\w+)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Heeded();
}
