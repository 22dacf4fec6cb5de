using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>An error that was to be mended and was caught and dropped instead: a run had shown it, an edit passes over every error there, and neither the user nor the answer speaks of passing over.</summary>
internal sealed partial class SwallowedErrorDetector : IDetector
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
        foreach (var edit in run.Tools.Where(FileEdits.Changes))
        {
            foreach (var (before, after) in FileEdits.In(edit))
            {
                if (Drops().Match(after) is not { Success: true } drops || Drops().IsMatch(before)
                    || run.Tools.LastOrDefault(tool => tool.Number < edit.Number && ErrorIn(tool) is not null) is not { } failing
                    || run.SaidByUsers(edit.Asker).Any(static text => PassesOver().IsMatch(text.Text)) || (run.Answer is { } answer && PassesOver().IsMatch(answer.Text)))
                {
                    continue;
                }

                return [Describe(edit, drops.Value, failing, ErrorIn(failing)!)];
            }
        }

        return [];
    }

    private static string? ErrorIn(ToolStep tool) => tool.Commands.Count > 0 && (tool.Result ?? tool.Told) is { } result && result.Text.Length <= MostText && result.Text.Contains("Traceback (most recent call last)", StringComparison.Ordinal)
        && Raised().Matches(CommandOutput.Of(result).Text).LastOrDefault() is { } raised ? raised.Value.Trim() : null;

    private static Finding Describe(ToolStep edit, string drops, ToolStep failing, string error)
    {
        var asker = (AgentStep?)edit.Asker ?? edit;
        return StepFindings.At(
            asker, "swallowed_error", "policy_violation", Proof.Provenance, Strength,
            $"{StepFindings.Say(asker)} had {StepFindings.Quote(FileEdits.PathOf(edit)!, 80)} pass over every error ({StepFindings.Quote(drops.ReplaceLineEndings(" "), 80)}){Words.At(edit.Node.StartNs)} instead of mending the one that {StepFindings.Say(failing)} had shown ({StepFindings.Quote(error, 100)}); neither the user nor the answer speaks of passing over any.",
            [
                edit.Arguments!.Say($"{StepFindings.Say(edit)} was given this.", "", drops),
                (failing.Result ?? failing.Told)!.Say("The error that was to be mended.", "", error),
            ],
            "Have the agent name each error that its code catches, and let a person look at code that drops one.", "swallowed_error", explains: [edit]);
    }

    [GeneratedRegex(@"except(?:\s+(?:Exception|BaseException))?(?:\s+as\s+\w+)?\s*:\s*(?:#[^\n]*)?\s*(?:pass|continue)\b|\bcatch\s*(?:\(\s*(?:\w+(?:\s+\w+)?)?\s*\))?\s*\{\s*(?:continue;\s*)?(?://[^\n]*\s*)?\}|\brescue\s*(?:=>\s*\w+)?\s*\n\s*(?:nil|next)\b|contextlib\.suppress\(\s*(?:Base)?Exception\s*\)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Drops();

    [GeneratedRegex(@"^(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception)\b[^\n]{0,200}$", RegexOptions.CultureInvariant | RegexOptions.Multiline, 1000)]
    private static partial Regex Raised();

    [GeneratedRegex(@"\b(?:skip\w*|ignor\w*|swallow\w*|suppress\w*|pass(?:es|ed|ing)? over|tolera\w*|best[- ]effort|do(?:es)?(?: not|n['’]t) (?:crash|stop|fail) on|silently|überspring\w*|ignorier\w*|saute[rz]?|omit\w*|salta\w*)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PassesOver();
}
