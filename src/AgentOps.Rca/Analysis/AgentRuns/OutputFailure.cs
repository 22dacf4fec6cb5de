using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>
/// Failures that only what a command printed tells: an exit code, the summary of a test runner, the line with which a program says that it failed.
/// Frameworks hand such output to the model as any other. What only looks at files and records prints the failures of others.
/// </summary>
internal static partial class OutputFailure
{
    private const int LastLines = 6;
    private const int LastLinesOfTests = 15;
    private const int LastLinesOfHidden = 40;
    private const int BrokenPipe = 141;

    /// <summary>The failure that the output of a call tells, or null.</summary>
    /// <param name="tool">The call.</param>
    /// <param name="payload">What it gave back.</param>
    public static Found? Of(ToolStep tool, Payload payload)
    {
        var looksUp = ToolWords.LooksUp(tool.Tool);
        if (CommandCall.TextOf(tool) is not { } command)
        {
            return looksUp ? null
                : CommandOutput.Of(payload) is { Pointer.Length: > 0, ExitCode: not (null or 0) } coded ? new(null, WordsOf(coded.Text), coded.Pointer, IsCode: true)
                : payload.Value.ValueKind != System.Text.Json.JsonValueKind.String ? null
                : Prose().Match(payload.Text) is { Success: true } said ? new(null, said.Value.Trim(), "")
                : ToolWords.Of(tool.Tool).Any(static word => word is "test" or "tests" or "pytest") && TestsIn(payload.Text) is { } tests ? new(null, tests, "") : null;
        }

        if (CommandCall.OnlyLooks(tool))
        {
            return null;
        }

        var output = CommandOutput.Of(payload);
        if (output.ExitCode is { } code and not 0 and not BrokenPipe)
        {
            var line = TestsIn(output.Text) ?? ErrorIn(output.Text, command);
            line = line is null || PassedOn().IsMatch(line) ? ToldFirst(output.Text) ?? line : line;
            return new(TypeOf(line), line ?? WordsOf(output.Text), output.Pointer, IsCode: true);
        }

        if (tool.Commands.Any(static name => RunsTests().IsMatch(name)) && TestsIn(output.Text) is { } failed)
        {
            return new(null, failed, "");
        }

        // The exit code of a pipe is that of its last program, which only shows what the others printed.
        if (ErrorIn(output.Text, command) is { } error && (output.ExitCode is null || CommandCall.EndsInPipe(command)))
        {
            return new(TypeOf(error), error, "");
        }

        // psql goes on after an error and ends well; and what a shell was told to pass over may be of no account to anybody but the one who is told that it is done.
        var isSql = command.Contains("psql", StringComparison.Ordinal) && !command.Contains("ON_ERROR_STOP", StringComparison.Ordinal);
        return (isSql || CommandCall.HidesExitCode(command)) && HiddenIn(output.Text, command, isSql) is { } hidden ? new(TypeOf(hidden), hidden, "", NeedsClaim: true) : null;
    }

    private static string? HiddenIn(string text, string command, bool isSql) => ErrorIn(text, command, LastLinesOfHidden)
        ?? Last(text, LastLinesOfHidden).FirstOrDefault(line => (SqlError().IsMatch(line) || (HiddenError().IsMatch(line) && (!isSql || CommandCall.HidesExitCode(command)))) && !Harmless().IsMatch(line))?.Trim();

    private static string? TestsIn(string text) => Last(text, LastLinesOfTests).LastOrDefault(static line => FailedTests().IsMatch(line))?.Trim();

    private static string? ErrorIn(string text, string command, int lines = LastLines)
    {
        foreach (var line in Last(text, lines))
        {
            if (ProgramError().Match(line) is { Success: true } match && (match.Groups["by"] is not { Success: true } by || command.Contains(by.Value, StringComparison.Ordinal))
                && (!match.Groups["python"].Success || Python().IsMatch(command)) && (!match.Groups["git"].Success || command.Contains("git", StringComparison.Ordinal))
                && (!match.Groups["pip"].Success || command.Contains("pip", StringComparison.Ordinal)) && (!match.Groups["apt"].Success || command.Contains("apt", StringComparison.Ordinal))
                && (!match.Groups["kube"].Success || KubernetesClient().IsMatch(command)) && (!match.Groups["docker"].Success || command.Contains("docker", StringComparison.Ordinal))
                && (!match.Groups["jvm"].Success || JvmBuild().IsMatch(command)) && (!match.Groups["cargo"].Success || command.Contains("cargo", StringComparison.Ordinal)))
            {
                return match.Groups["words"].Value.Trim();
            }
        }

        return null;
    }

    // What a build tool says at its end is that something failed; why stands before it.
    private static string? ToldFirst(string text) => MethodVersion.IsBefore(5) ? null
        : Last(text, LastLinesOfHidden).FirstOrDefault(static line => HiddenError().IsMatch(line) && !Harmless().IsMatch(line) && !PassedOn().IsMatch(line)) is { } first ? Words.Short(first.Trim(), 300).TrimEnd('…') : null;

    [GeneratedRegex(@"^\s*(?:make(?:\[\d+\])?: \*\*\*|npm (?:ERR!|error)\s+(?:A complete log|code\s+(?:ELIFECYCLE|1)\b|errno|path)|error: (?:could not compile|build failed|command failed|Process completed)|ninja: build stopped|FAILURE: Build failed|BUILD FAIL)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PassedOn();

    private static string? TypeOf(string? words) => words is not null && ErrorType().Match(words) is { Success: true } type ? type.Groups[1].Value : null;

    private static string WordsOf(string text) => Last(text, LastLines).LastOrDefault() is { } line ? Words.Short(line.Trim(), 200).TrimEnd('…') : "";

    private static IEnumerable<string> Last(string text, int lines) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => !string.IsNullOrWhiteSpace(line)).TakeLast(lines);

    // psql itself writes two spaces; what it reads out of a table may begin with the word as well.
    [GeneratedRegex(@"^(?:psql:[^\s:]+:\d+: )?ERROR: {2}\S", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SqlError();

    // What a shell, an interpreter, a database or a build tool says when its work failed.
    [GeneratedRegex(@"^\s*(?:(?:[Ee]rror|ERROR|fatal|FATAL)(?:\[\w+\])?: \S|ERROR \d{4} \(|[\w./-]+(?:: line \d+)?: .{1,120}: (?:command not found|Permission denied|No such file or directory|not found)\s*$|(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception): \S|npm (?:ERR!|error) \S|(?:\[INFO\] )?BUILD FAIL(?:URE|ED)\b|.{0,80}\bRollback complete)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex HiddenError();

    [GeneratedRegex(@"already exists|does not exist, skipping|\b0 errors?\b|\bno errors?\b|\bwarn(?:ing)?\b|\bdeprecat", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Harmless();

    // pytest, jest and vitest, unittest, go, cargo, dotnet, mocha, rspec, maven, phpunit
    [GeneratedRegex(@"^[=\s]*[1-9]\d* failed\b(?:, \d+ \w+)*(?: in [\d.]+ ?s|[=\s]*$)|\b[1-9]\d* failed, \d+ passed\b|^\s*Tests:?\s+[1-9]\d* failed\b|^FAILED \((?:failures|errors)=\d|^--- FAIL:|^FAIL(?:\t| *$)|^test result: FAILED|\bFailed:\s+[1-9]\d*, Passed:|^\s*[1-9]\d* failing\b|\b\d+ examples?, [1-9]\d* failures?\b|\bTests run: \d+, (?:Failures: [1-9]|Failures: 0, Errors: [1-9])|^FAILURES!", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex FailedTests();

    [GeneratedRegex(@"test|spec$|jest|mocha|tox|nox|ava\b|cypress|playwright|karma|phpunit|^make|^mvn|gradle|bazel|^just|check|\.sh$|\.py$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex RunsTests();

    [GeneratedRegex(@"^\s*(?:E\s+)?(?<words>(?<by>curl): \(\d+\) .+|(?<by>make)(?:\[\d+\])?: \*\*\* .+|(?<python>(?:ModuleNotFoundError|ImportError): .+)|(?<git>fatal: .+)|(?<by>npm) (?:ERR!|error) code .+|(?<pip>ERROR: (?:Could not find a version|No matching distribution).+)|(?<apt>E: .+)|(?<kube>Error from server \(.+)|(?<docker>Error response from daemon: .+)|(?<by>psql): (?:error|FATAL): .+|(?<by>ssh): connect to host .+|(?<by>wget): .+(?:failed|unable).+|(?<cargo>error: could not compile .+)|(?<jvm>(?:\[INFO\] )?BUILD FAIL(?:URE|ED)\b.*)|(?<tsc>(?:\S+\(\d+,\d+\): |\S+:\d+:\d+ - )?error TS\d+: .+))", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ProgramError();

    [GeneratedRegex(@"\b(?:mvnw?|gradlew?|ant)\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex JvmBuild();

    [GeneratedRegex(@"python|pytest|\.py\b|\bpip|tox|nox", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Python();

    [GeneratedRegex(@"\b(?:kubectl|oc|helm)\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex KubernetesClient();

    [GeneratedRegex(@"^([A-Za-z_][\w.]*(?:Error|Exception)):", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ErrorType();

    [GeneratedRegex(@"\A\s*(?:the |your |this )?(?:[A-Za-z][\w-]* ){1,3}(?:has )?failed\b(?: (?:at|because|with|due|after|as|for|to)\b[^\n]*|[.:;,][^\n]*|\s*\z)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Prose();

    /// <summary>What the output tells.</summary>
    /// <param name="Type">The type of the error, or null.</param>
    /// <param name="Words">Its words.</param>
    /// <param name="Pointer">Where it stands in the result.</param>
    /// <param name="IsCode">Whether an exit code says so.</param>
    /// <param name="NeedsClaim">Whether it counts only where the answer says that the work is done: whoever ran the command chose to pass over its failure.</param>
    internal sealed record Found(string? Type, string Words, string Pointer, bool IsCode = false, bool NeedsClaim = false);
}
