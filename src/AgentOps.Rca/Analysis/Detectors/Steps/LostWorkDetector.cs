using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>Changes in a working tree that were there before the agent came, that git had shown to it, and that it then threw away though nobody had asked for that.</summary>
internal sealed partial class LostWorkDetector : IDetector
{
    private const double Strength = 2.6;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        (ToolStep Call, string File)? dirty = null;
        var isChanged = false;
        foreach (var call in run.Tools.Where(static tool => tool.Commands.Count > 0))
        {
            var command = CommandCall.TextOf(call)!;
            if (dirty is { } seen && call.Failure is null && Discards().Match(command) is { Success: true } discards && !Keeps().IsMatch(command) && Covers(discards, command, seen.File)
                && !run.SaidByUsers(call.Asker).Any(static text => Wished().IsMatch(text.Text)))
            {
                return [Describe(call, discards.Value.Trim(), seen)];
            }

            if (Keeps().IsMatch(command))
            {
                dirty = null;
            }
            else if (!isChanged && StatusOf(command) && (call.Result ?? call.Told) is { } result && Changed().Match(CommandOutput.Of(result).Text) is { Success: true } changed)
            {
                dirty ??= (call, changed.Groups["file"].Value.Trim());
            }

            // What the agent itself has changed by then is its own to throw away.
            isChanged |= !CommandCall.OnlyLooks(call) && Writes().IsMatch(command);
        }

        return [];
    }

    private static bool StatusOf(string command) => Status().IsMatch(command);

    // The whole tree, or the very file.
    private static bool Covers(Match discards, string command, string file) => discards.Groups["path"] is not { Success: true, Value: var path } || path.Trim() is "." or "--" or ":/" or "*" or "" || command.Contains(file, StringComparison.Ordinal);

    private static Finding Describe(ToolStep call, string words, (ToolStep Call, string File) seen)
    {
        var asker = (AgentStep?)call.Asker ?? call;
        return StepFindings.At(
            asker, "lost_work", "unwanted_change", Proof.Provenance, Strength,
            $"{StepFindings.Say(asker)} threw changes away that were not committed ({StepFindings.Quote(words, 100)}){Words.At(call.Node.StartNs)}: {StepFindings.Say(seen.Call)} had shown that {StepFindings.Quote(seen.File, 80)} was changed before the agent had changed anything, nothing was stashed or committed in between, and nobody had asked to discard it.",
            [
                call.Arguments!.Say($"{StepFindings.Say(call)} was given this.", "", words),
                (seen.Call.Result ?? seen.Call.Told)!.Say("The change that was there.", "", seen.File),
            ],
            "Have the agent stash or commit what it finds before it cleans a working tree, and let a person allow each command that discards.", "lost_work", explains: [call]);
    }

    [GeneratedRegex(@"\bgit\b(?:\s+-[Cc]\s+\S+)?\s+(?:reset\s+(?:[\w^~/-]+\s+)?--hard(?:\s+[\w^~/-]+)?|clean\s+-\w*f\w*|checkout\s+(?:-f\b|--force\b|(?:HEAD\s+)?--\s+(?<path>\S+)|(?<path>\.)(?=\s|$|[;&|]))|restore\s+(?:--\w+\s+)*(?<path>[\w./*:-]+)|stash\s+(?:drop|clear)\b)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Discards();

    [GeneratedRegex(@"\bgit\b(?:\s+-[Cc]\s+\S+)?\s+(?:stash(?!\s+(?:list|show|drop|clear|pop|apply))\b|commit\b|worktree\s+add\b)|\bgit\s+diff\b[^;&|\n]*>|\bcp\s+-", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Keeps();

    [GeneratedRegex(@"\bgit\b(?:\s+-[Cc]\s+\S+)?\s+(?:status|diff\s+--(?:stat|name-only|name-status))\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Status();

    [GeneratedRegex(@"^(?: [MADR]|M[ M]|\?\?|AM) (?<file>\S.*)$|^\s+modified:\s+(?<file>\S.*)$|^ (?<file>\S+)\s+\|\s+\d+ [+-]+", RegexOptions.CultureInvariant | RegexOptions.Multiline, 1000)]
    private static partial Regex Changed();

    [GeneratedRegex(@"\bsed\s+-i|\bperl\s+-\w*i|>\s*[\w./-]+|\btee\b|\bmv\b|\bpatch\b|\bgit\s+(?:apply|merge|rebase|cherry-pick|pull|checkout)\b(?![^;&|\n]*\bcannot\b)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Writes();

    [GeneratedRegex(@"\b(?:discard|throw (?:\w+ ){0,3}away|revert|reset|undo|drop|clean(?: up)?|wipe|get rid of|start (?:over|fresh|again)|from scratch|lose|verwerfe?n?|zurücksetzen|wegwerfen|aufräumen|annule[rz]?|jette[rz]?|descarta\w*|deshacer|desfa\w*|scarta\w*|ripristina\w*|verwijder|weggooien)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Wished();
}
