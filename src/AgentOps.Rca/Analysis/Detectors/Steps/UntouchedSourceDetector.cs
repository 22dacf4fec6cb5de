using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// An edit that could not help: what fails names the file in which it fails, another file was edited, and the same failure came again in the same file, up to the end of the run.
/// </summary>
internal sealed partial class UntouchedSourceDetector : IDetector
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
        var edits = run.Tools.Select(static call => (Call: call, Path: PathOf(call))).Where(static edit => edit.Path is not null).ToList();
        if (edits.Count == 0)
        {
            return [];
        }

        // The same command before the first edit and as the last word about it.
        var failures = run.Tools.Select(static call => (Call: call, Raised: RaisedBy(call))).Where(static failed => failed.Raised is not null).ToList();
        foreach (var (before, raised) in failures.Where(failed => failed.Call.Number < edits[^1].Call.Number))
        {
            var again = failures.FindLast(other => other.Call.Tool == before.Tool && other.Raised == raised && other.Call.Number > before.Number);
            var between = again.Call is null ? [] : edits.FindAll(edit => edit.Call.Number > before.Number && edit.Call.Number < again.Call.Number);
            if (between.Count == 0 || edits.Exists(edit => IsSame(edit.Path!, raised!.File))
                || run.Tools.Any(later => later.Number > again.Call!.Number && later.Tool == before.Tool && later.Failure is null && RaisedBy(later) is null && later.Commands.SequenceEqual(before.Commands))
                || between.Find(edit => FileEdits.NameOf(edit.Path!) == FileEdits.NameOf(raised!.File)) is not { Call: not null } edited)
            {
                continue;
            }

            return [Describe(edited.Call, edited.Path!, before, again.Call!, raised!)];
        }

        return [];
    }

    private static bool IsSame(string left, string right) => left.EndsWith(right, StringComparison.Ordinal) || right.EndsWith(left, StringComparison.Ordinal);

    private static string? PathOf(ToolStep call) => FileEdits.Changes(call) ? FileEdits.PathOf(call) : null;

    // The error and the innermost frame of the project: that of a test or of a library is where it was noticed.
    private static Raised? RaisedBy(ToolStep call)
    {
        if ((call.Result ?? call.Told) is not { } result || result.Text.Length > MostText)
        {
            return null;
        }

        var text = CommandOutput.Of(result).Text;
        var error = Error().Matches(text).LastOrDefault();
        var frame = error is null ? null : Frame().Matches(text[..error.Index]).LastOrDefault(static match => !Foreign().IsMatch(match.Groups["file"].Value));
        return frame is null ? null : new Raised(frame.Groups["file"].Value, error!.Groups["words"].Value.Trim());
    }

    private static Finding Describe(ToolStep edit, string path, ToolStep before, ToolStep again, Raised raised)
    {
        var asker = (AgentStep?)edit.Asker ?? edit;
        return StepFindings.At(
            asker, "untouched_source", "wrong_argument", Proof.Provenance, Strength,
            $"{StepFindings.Say(asker)} edited {StepFindings.Quote(path, 80)}{Words.At(edit.Node.StartNs)}, but what fails is in {StepFindings.Quote(raised.File, 80)}, which was never edited: {StepFindings.Say(again)} failed there again{Words.At(again.Node.EndNs)} with the same error ({StepFindings.Quote(raised.Words, 100)}).",
            [
                edit.Arguments!.Say($"{StepFindings.Say(edit)} was given this file.", "", path),
                (before.Result ?? before.Told)!.Say("The failure before it.", "", raised.Words),
                (again.Result ?? again.Told)!.Say("The same failure after it.", "", raised.Words),
            ],
            "Have the agent edit the file that the failing frame names, and stop it when the same failure comes again.", "untouched_source", explains: [edit, before, again]);
    }

    [GeneratedRegex(@"^(?:E\s+)?(?<words>(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Warning|Failure)\b:?[^\n]{0,200})$", RegexOptions.CultureInvariant | RegexOptions.Multiline, 1000)]
    private static partial Regex Error();

    [GeneratedRegex(@"^\s*(?:File ""(?<file>[^""\n]{1,200})"", line \d+|(?<file>[\w./\\-]{1,200}\.\w{1,5}):\d+(?::\d+)?:?(?= in |\s*$|: )|at [^\n(]{1,120}\((?<file>[\w./\\-]{1,200}\.\w{1,5}):\d+(?::\d+)?\))", RegexOptions.CultureInvariant | RegexOptions.Multiline, 1000)]
    private static partial Regex Frame();

    [GeneratedRegex(@"(?:^|[/\\])(?:tests?|specs?|__tests__|site-packages|dist-packages|node_modules|lib[/\\]python[\d.]*|vendor|\.venv|venv)[/\\]|(?:^|[/\\])test_[^/\\]*$|(?:_test|_spec|\.test|\.spec|Tests?)\.\w+$|<", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Foreign();

    private sealed record Raised(string File, string Words);
}
