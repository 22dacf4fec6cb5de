using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// An answer that counts files as changed of which a listing had told and that no edit or command of the run touched, beside others that were changed.
/// </summary>
internal sealed partial class ClaimedEditDetector : IDetector
{
    private const double Strength = 2.3;
    private const int MostText = 10_000;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run is not { Answering: { } model, Answer: { Text.Length: <= MostText } answer, IsCut: false }
            || run.Tools.Any(static tool => tool.IsHandoff || (tool.Commands.Count > 0 && !OnlyChecks(tool)) || ToolWords.Of(tool.Tool).Any(static word => word is "agent" or "task" or "subagent" or "delegate" or "move" or "rename" or "python")))
        {
            // Another agent, or a command that writes, may have changed any file.
            return [];
        }

        var edits = run.Tools.Where(static tool => tool.Failure is null && tool.Commands.Count == 0 && Edits(tool.Tool)).Select(static tool => tool.Arguments?.Text).ToList();
        if (edits.Count == 0 || edits.Contains(null))
        {
            return [];
        }

        foreach (var list in Lists(answer.Text))
        {
            var names = FileName().Matches(list).Select(static match => match.Value).Distinct(StringComparer.Ordinal).ToList();
            var missing = names.FindAll(name => !edits.Exists(text => Holds(text!, name)));
            if (missing.Count > 0 && missing.Count < names.Count && ListingOf(run, model, missing) is { } listing)
            {
                return [Describe(run, model, answer, missing, listing, list)];
            }
        }

        return [];
    }

    private static bool Edits(string tool) => ToolWords.Of(tool) is var words && (words.Any(static word => word is "edit" or "write" or "replace" or "patch" or "create" or "update" or "insert" or "editor" or "modify" or "multiedit") || ToolWords.Writes(tool));

    // Names that stand together as a list behind a word for a change, in a sentence that takes nothing back.
    private static IEnumerable<string> Lists(string text) => Sentences.In(text).Where(static sentence => Changed().IsMatch(sentence) && !TakesBack().IsMatch(sentence))
        .SelectMany(static sentence => FileList().Matches(sentence)).Select(static match => match.Value);

    // Every file is in a listing that was read before the answer.
    private static ToolStep? ListingOf(AgentRun run, ModelStep model, List<string> missing) =>
        run.Tools.FirstOrDefault(tool => tool.Number < model.Number && tool is { Failure: null, Result: { } result } && !Edits(tool.Tool) && missing.TrueForAll(name => Holds(result.Text, name)));

    // The name at the end of a path, and not of another name: admin.ts in src/pages/admin.ts, and not in superadmin.ts.
    private static bool Holds(string text, string name)
    {
        for (var at = text.IndexOf(name, StringComparison.Ordinal); at >= 0; at = text.IndexOf(name, at + 1, StringComparison.Ordinal))
        {
            var end = at + name.Length;
            if ((at == 0 || !(char.IsLetterOrDigit(text[at - 1]) || text[at - 1] is '_' or '-' or '.') || (at > 1 && text[at - 2] == '\\')) && (end == text.Length || !(char.IsLetterOrDigit(text[end]) || text[end] is '_' or '-')))
            {
                return true;
            }
        }

        return false;
    }

    private static bool OnlyChecks(ToolStep tool) => CommandCall.OnlyLooks(tool)
        || (CommandCall.TextOf(tool) is { } text && !Fixes().IsMatch(text) && tool.Commands.All(static command => Checks().IsMatch(command)));

    private static Finding Describe(AgentRun run, ModelStep model, Passage answer, List<string> missing, ToolStep listing, string list)
    {
        var names = string.Join(" and ", missing.Take(3).Select(static name => Words.Name(name)));
        var touched = run.Tools.Count(static tool => tool.Failure is null && tool.Commands.Count == 0 && Edits(tool.Tool));
        return StepFindings.At(
            model, "claimed_edit", "claimed_without_action", Proof.Provenance, Strength,
            $"{StepFindings.Say(model)} told the user of a change in {StepFindings.Quote(list)}, but none of the {Words.Count(touched, "edit")} of this run touched {names}{(missing.Count > 3 ? Words.Invariant($" and {missing.Count - 3} more") : "")}, of which {StepFindings.Say(listing)} had told.",
            [
                answer.Say("What the answer claims.", list),
                listing.Result!.Say($"{StepFindings.Say(listing)} told of {Words.Name(missing[0])}.", "", missing[0]),
            ],
            "Have the agent look for what is left to change before it says that it is done, and check the files that it names against those that were written.", "claimed_without_action");
    }

    private const string Name = @"[`*'""]{0,3}(?:[\w.-]+/)*[\w-]+(?:\.[\w-]+)*\.(?!com\b|org\b|net\b)[A-Za-z]\w{0,5}[`*'""]{0,3}";

    [GeneratedRegex(@"(?:[\w.-]+/)*[\w-]+(?:\.[\w-]+)*\.[A-Za-z]\w{0,5}\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex FileName();

    [GeneratedRegex(Name + @"(?:\s*(?:,|;|/|&|\band\b|\bund\b|\bet\b|\by\b|,\s*and\b)\s*" + Name + @")+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex FileList();

    [GeneratedRegex(@"\b(?:renamed|changed|updated|edited|modified|replaced|fixed|refactored|migrated|converted|rewritten|rewrote|adapted|ported|patched|umbenannt|geändert|angepasst|ersetzt|renommée?s?|modifiée?s?|remplacée?s?|renombrad[oa]s?|modificad[oa]s?|cambiad[oa]s?|actualizad[oa]s?)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Changed();

    [GeneratedRegex(@"\b(?:not|\w+n['’]t|no|never|without|except|left|leave|unchanged|untouched|already|still|remain\w*|skipp?\w*|should|would|could|need\w*|todo|next|later|only|imports?|uses?|matches|like|from|based on|nicht|ohne|sans|sin|pas|ya|schon|déjà)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex TakesBack();

    [GeneratedRegex(@"^(?:pytest|tsc|jest|vitest|mocha|mypy|pyright|ruff|flake8|eslint|pylint|(?:npm|yarn|pnpm|bun|make|cargo|go|dotnet|mvn|gradle|gradlew|just) (?:test|t|check|lint|build|typecheck|vet|clippy)|git (?:status|diff|log|add|commit|show))(?: |$)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Checks();

    [GeneratedRegex(@"--fix|--write|-u\b|--update|>\s*\S", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Fixes();
}
