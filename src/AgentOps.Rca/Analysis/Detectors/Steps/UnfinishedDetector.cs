using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A run whose last words ask for a go-ahead while what would follow was never done: a sign that it was broken off, no proof.</summary>
internal sealed partial class UnfinishedDetector : IDetector
{
    private const double Hint = 0.25;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run is not { Answering: { } model, Answer: { } answer } || run.Steps.Any(step => step is ToolStep && step.Number > model.Number)
            || !model.Offered.Keys.Any(ToolWords.Writes) || Asks().Match(answer.Text) is not { Success: true } match)
        {
            return [];
        }

        return
        [
            StepFindings.At(
                model, "unfinished", "unfinished_run", Proof.Hint, Hint,
                $"The run ends{Words.At(model.Node.EndNs)} with a question of {StepFindings.Say(model)}, {StepFindings.Quote(match.Value, 120)}, and no answer to it is recorded.",
                [answer.Say("The last words of the run.", match.Value)],
                "Look at why the run was not continued: whether the user left, or the host stopped it.", "unfinished"),
        ];
    }

    [GeneratedRegex(@"[^.!?\n]{0,120}\b(?:confirm|proceed|go ahead|\(yes/no\)|would you like me to|shall i|may i)\b[^.!?\n]{0,80}[?.]?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Asks();
}
