using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>An edit of a file that says of itself, in what the run had read, that it is generated from another one: what is written there is gone with the next generation.</summary>
internal sealed partial class GeneratedFileDetector : IDetector
{
    private const double Strength = 2.5;
    private const int HeadLines = 12;
    private const int HeadLength = 2_000;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        var edits = run.Tools.Where(FileEdits.Changes).ToList();
        var marked = edits.Count == 0 ? [] : run.Tools.Where(static tool => tool is { Failure: null, Result: not null, Arguments: not null }).Select(static tool => (Read: tool, Words: MarkIn(tool))).Where(static pair => pair.Words is not null && !FileEdits.Changes(pair.Read)).ToList();
        foreach (var edit in marked.Count == 0 ? [] : edits)
        {
            var path = FileEdits.PathOf(edit)!;
            if (marked.Find(pair => pair.Read.Number < edit.Number && pair.Read.Arguments!.Text.Contains(FileEdits.NameOf(path), StringComparison.OrdinalIgnoreCase)) is not { Words: { } words } mark || run.SaidByUsers(edit.Asker).Any(text => text.Text.Contains(FileEdits.NameOf(path), StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }

            // Who changes the source or the generator as well, or tells of it, knows what it does.
            if (!edits.Exists(other => other != edit && words.Contains(FileEdits.NameOf(FileEdits.PathOf(other)!), StringComparison.OrdinalIgnoreCase))
                && (run.Answer is not { } answer || !Tells().IsMatch(answer.Text)))
            {
                return [Describe(edit, path, (mark.Read, words))];
            }
        }

        return [];
    }

    // It stands at the beginning.
    private static string? MarkIn(ToolStep tool)
    {
        var text = CommandOutput.Of(tool.Result!).Text;
        return Mark().Match(string.Join('\n', StepFindings.Head(text, HeadLength).Split('\n').Take(HeadLines))) is { Success: true } mark ? mark.Value.Trim() : null;
    }

    private static Finding Describe(ToolStep edit, string path, (ToolStep Read, string Words) mark)
    {
        var asker = (AgentStep?)edit.Asker ?? edit;
        return StepFindings.At(
            asker, "generated_file", "wrong_argument", Proof.Causal, Strength,
            $"{StepFindings.Say(asker)} had {StepFindings.Quote(path, 80)} changed{Words.At(edit.Node.StartNs)}, a file that {StepFindings.Say(mark.Read)} had shown to be generated ({StepFindings.Quote(mark.Words, 120)}): the change is gone with the next generation, and what it is generated from was not changed.",
            [
                edit.Arguments!.Say($"{StepFindings.Say(edit)} was given this file.", "", path),
                mark.Read.Result!.Say("What the file says of itself.", "", mark.Words),
            ],
            "Have the agent change what the file is generated from, and keep generated files out of what it may write.", "generated_file", explains: [edit, .. edit.Asker is null ? (AgentStep[])[] : [edit.Asker]]);
    }

    [GeneratedRegex(@"[^\n]{0,40}\b(?:(?:auto-?|automatically )?generated (?:by|from|with|using|file|code)|@generated|do not edit|DO NOT EDIT|do not modify|don['’]t edit|code generated)\b[^\n]{0,100}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Mark();

    [GeneratedRegex(@"\b(?:generated|regenerat\w*|overwritten|codegen|generator)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Tells();
}
