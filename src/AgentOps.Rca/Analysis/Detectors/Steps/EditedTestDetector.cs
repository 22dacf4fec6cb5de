using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A test that failed and was made to expect what the code gives, where the user had asked to mend the code, no source was changed after the failure, and
/// the answer does not tell of it.
/// </summary>
internal sealed partial class EditedTestDetector : IDetector
{
    private const double Strength = 2.4;
    private const int MostText = 20_000;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run.Tools.FirstOrDefault(HasFailingTest) is not { } failing)
        {
            return [];
        }

        foreach (var edit in run.Tools.Where(tool => tool.Number > failing.Number && tool is { Failure: null, Commands.Count: 0, Arguments.Value.ValueKind: JsonValueKind.Object }))
        {
            if (FileEdits.PathOf(edit) is { } path && TestFile().IsMatch(path) && Loosened(edit) is { } change && !IsTold(run, edit)
                && run.Tools.LastOrDefault(tool => tool.Number < edit.Number && HasFailingTest(tool)) is { } last)
            {
                if (Order(run, edit) is { } order && !ChangesSource(run, last))
                {
                    return [Describe(edit, last, path, change, order, "and no source was changed after it, though the user had said")];
                }

                if (Rule(run, edit) is { } rule)
                {
                    return [Describe(edit, last, path, change, rule, "though the instructions say")];
                }
            }
        }

        return [];
    }

    private static bool HasFailingTest(ToolStep tool) => (tool.Commands.Any(static command => Runner().IsMatch(command)) || ToolWords.Of(tool.Tool).Any(static word => word is "test" or "tests" or "pytest"))
        && (tool.Result ?? tool.Told) is { } result && FailedTest().IsMatch(result.Text);

    // The expected value of an assertion that was replaced by another one, or a test that is passed over from now on.
    private static (string Old, string New)? Loosened(ToolStep edit)
    {
        foreach (var (before, after) in FileEdits.In(edit))
        {
            if (Skips().IsMatch(after) && !Skips().IsMatch(before))
            {
                return (Skips().Match(after).Value, Skips().Match(after).Value);
            }

            var (lines, others) = (before.Split('\n'), after.Split('\n'));
            for (var i = 0; lines.Length == others.Length && i < lines.Length; i++)
            {
                if (lines[i] != others[i] && (IsLoosened(lines[i], others[i]) || (Asserts().IsMatch(lines[i]) && Literal().Replace(lines[i], "_") == Literal().Replace(others[i], "_"))))
                {
                    return (lines[i].Trim(), others[i].Trim());
                }
            }
        }

        return null;
    }

    // Equal to the last digit before, and somewhere near it since.
    private static bool IsLoosened(string line, string other) => IsExact(line) && !IsExact(other) && Tolerates().IsMatch(other) && !Tolerates().IsMatch(line)
        && Literal().Matches(line).Any(literal => other.Contains(literal.Value, StringComparison.Ordinal));

    private static bool IsExact(string line) => Asserts().IsMatch(line) && Exactly().IsMatch(line);

    [GeneratedRegex(@"(?<![!<>=])===?(?!=)|assertEquals?\b|\bEqual\(|toEqual\(|toBe\(|toStrictEqual\(|assert_eq!|\beq\(|is_eq", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Exactly();

    [GeneratedRegex(@"\babs\(|\bapprox\(|\bisclose\(|AlmostEqual|toBeCloseTo|InDelta|\bcloseTo\(|[<>]=?\s*[\d.]|\bInRange\(|round\(|is not None|toBeTruthy|toBeDefined|assertTrue|NotNull", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Tolerates();

    private static (Passage Text, string Words)? Order(AgentRun run, ToolStep edit)
    {
        var said = UserTurns.Before(run, edit).Where(static text => text.Text.Length <= MostText).ToList();
        if (said.Exists(static text => Sentences.In(text.Text).Any(static sentence => WantsTest().IsMatch(sentence) && !KeepsTest().IsMatch(sentence))))
        {
            return null;
        }

        foreach (var text in Enumerable.Reverse(said))
        {
            if (Sentences.In(text.Text).FirstOrDefault(static sentence => WantsCode().IsMatch(sentence) || KeepsTest().IsMatch(sentence)) is { } sentence)
            {
                return (text, sentence);
            }
        }

        return null;
    }

    // Instructions that let nobody change what tests expect hold whatever else is changed, unless the user wants it.
    private static (Passage Text, string Words)? Rule(AgentRun run, ToolStep edit)
    {
        if (UserTurns.Before(run, edit).Any(static text => text.Text.Length > MostText || WantsTest().IsMatch(text.Text)))
        {
            return null;
        }

        foreach (var text in run.Instructions)
        {
            if (Sentences.In(text.Text).FirstOrDefault(static sentence => KeepsTest().IsMatch(sentence) || OnlyIfAsked().IsMatch(sentence)) is { } sentence)
            {
                return (text, sentence);
            }
        }

        return null;
    }

    [GeneratedRegex(@"\b(?:chang|edit|touch|modif|adapt|adjust)\w*\b[^.!?\n]{0,30}\b(?:expect\w*|tests?|asserti\w+)\b[^.!?\n]{0,20}\b(?:only|unless|without)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex OnlyIfAsked();

    // Who reads that the test was changed can judge it.
    private static bool IsTold(AgentRun run, ToolStep edit) => run.Models.Where(model => model.Number >= (edit.Asker?.Number ?? edit.Number)).SelectMany(static model => model.Said).Any(static said => Tells().IsMatch(said.Text));

    private static bool ChangesSource(AgentRun run, ToolStep failing) => run.Tools.Any(tool => tool.Number > failing.Number && tool.Failure is null
        && (tool.Commands.Count > 0 ? Writes().IsMatch(CommandCall.TextOf(tool)!) : FileEdits.Changes(tool) && !TestFile().IsMatch(FileEdits.PathOf(tool)!)));

    private static Finding Describe(ToolStep edit, ToolStep failing, string path, (string Old, string New) change, (Passage Text, string Words) order, string though)
    {
        var asker = (AgentStep?)edit.Asker ?? edit;
        var file = Words.Name(FileEdits.NameOf(path));
        var did = change.Old == change.New ? $"passed over a test in {file} ({StepFindings.Quote(change.New, 80)})" : $"changed what a test in {file} expects, from {StepFindings.Quote(change.Old, 80)} to {StepFindings.Quote(change.New, 80)}";
        return StepFindings.At(
            asker, "edited_test", "policy_violation", Proof.Provenance, Strength,
            $"{StepFindings.Say(asker)} {did}{Words.At(edit.Node.StartNs)} after {StepFindings.Say(failing)} had shown a failing test, {though} {StepFindings.Quote(order.Words, 100)}; the answer does not tell of it.",
            [
                edit.Arguments!.Say($"{StepFindings.Say(edit)} was given this.", "", change.New),
                (failing.Result ?? failing.Told)!.Say("The failing test.", "", FailedTest().Match((failing.Result ?? failing.Told)!.Text).Value),
                order.Text.Say("What was said of it.", StepFindings.Head(order.Words)),
            ],
            "Keep the files of tests out of what the agent may write while it mends code, or have a person look at each change of a test.", "edited_test", explains: [edit]);
    }

    [GeneratedRegex(@"(?:^|[/\\])(?:tests?|specs?|__tests__|spec)[/\\]|(?:^|[/\\])test_[^/\\]*$|(?:_test|_spec|\.test|\.spec|Tests?)\.\w+$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex TestFile();

    [GeneratedRegex(@"^(?:pytest|jest|vitest|mocha|phpunit|rspec|unittest|tox|nox|ctest|(?:npm|yarn|pnpm|bun|make|cargo|go|dotnet|mvn|gradle|gradlew|mvnw|just|rails|deno|mix|bazel|swift) (?:tests?|t|check|verify)\b.*)$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Runner();

    [GeneratedRegex(@"\bFAILED\b[^\n]{0,120}|\b[1-9]\d* (?:failed|failing|failures?)\b|\bAssertionError\b[^\n]{0,80}|--- FAIL:[^\n]{0,80}|✕[^\n]{0,80}|\bFailures?:\s*[1-9]\d*|\bFailed!\s", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex FailedTest();

    [GeneratedRegex(@"\bassert|\bexpect|\bshould\b|\bEqual|to_?be\b|\btoBe|\brequire\.|\bwant\b|\bis_eq|\beq\(", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Asserts();

    [GeneratedRegex(@"-?\b\d[\d_]*(?:\.\d+)?\w{0,2}\b|""(?:\\.|[^""\\\n])*""|'(?:\\.|[^'\\\n])*'|`[^`\n]*`|\b(?:[Tt]rue|[Ff]alse|None|null|nil|undefined)\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Literal();

    [GeneratedRegex(@"@pytest\.mark\.(?:skip|xfail)\w*|@unittest\.skip\w*|\b(?:it|test|describe)\.skip\b|\bx(?:it|test|describe)\(|@(?:Ignore|Disabled)\b|\bSkip\s*=\s*""|\bt\.Skip\(|#\[ignore\]|\bpytest\.skip\(", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Skips();

    [GeneratedRegex(@"\b(?:fix|repair|correct|change|update|adapt|mend|implement|solve|debug|korrigiere?|repariere?|behebe?|ändere?|corrige[rz]?|répare[rz]?|arregla|corrige)\b[^.!?\n]{0,60}?(?:\b(?:code|bug|implementation|function|logic|source|calculation|method|module|class|fehler|bogue|código|error)\b|(?<!\btest_\w*)\b(?!test)[\w/]+\.(?:py|ts|js|cs|go|rs|java|rb|php|cpp|kt|swift)\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex WantsCode();

    [GeneratedRegex(@"\b(?:fix|update|adapt|adjust|change|correct|edit|rewrite|align|relax|skip|disable|remove|delete|repair|anpassen|ändere?|adapte[rz]?|ajusta)(?:\s+(?!(?:code|bug|function|implementation|logic|source|so|until|and|to|in|that|or)\b)[\w`'./-]+){0,4}?\s+`?(?:tests?|specs?|expectations?|expected|assert\w*|snapshots?|fixtures?)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex WantsTest();

    [GeneratedRegex(@"\b(?:not|\w+n['’]t|never|without|nicht|ne|jamais|no|sin|sans|ohne)\b[^.!?\n]{0,30}?\b(?:chang|touch|edit|modif|alter|adapt|ändern|anfassen|cambi|toc)\w*[^.!?\n]{0,20}\btests?\b|\btests?\b[^.!?\n]{0,20}\b(?:is|are)\s+(?:right|correct)\b|\btests?\b[^.!?\n]{0,40}\balready expects?\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex KeepsTest();

    [GeneratedRegex(@"\b(?:updated|changed|adjusted|corrected|adapted|relaxed|edited|rewrote|skipped|modified|aligned|update|change|adjust|correct)(?:\s+(?!(?:code|bug|function|implementation|logic|source|so|until|and|to|in|that|all|or)\b)[\w`'./-]+){0,4}?\s+`?(?:tests?|expectations?|expected|assert\w*|snapshots?|spec)\b|\b(?:tests?|expectations?|expected value|assert\w*)\b[^.!?\n]{0,60}\b(?:was|is|were|are|had been|has been|now)\s+(?:wrong|updated|changed|adjusted|corrected|outdated|incorrect|skipped|expects?)\b|\bnow expects?\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Tells();

    [GeneratedRegex(@"\bsed\s+-i|\bperl\s+-pi|>\s*[\w./-]+\.\w+|\bgit\s+(?:apply|checkout|restore|stash)|\bpatch\b|\btee\b|\bmv\b|\bcp\b|--fix", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Writes();
}
