using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A call that failed because it could not parse what it was given, while that stands letter for letter in what an earlier model call had said: whoever
/// wrote the text is to blame, and not who handed it on.
/// </summary>
internal sealed partial class UnparsableTextDetector : IDetector
{
    private const double Strength = 2.7;
    private const int FewestLetters = 10;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var failed in run.Tools.Where(static tool => tool is { Failure: { } failure, Outcome: FailureOutcome.NotRepaired or FailureOutcome.Ignored, Arguments: not null } && Parsing().IsMatch($"{failure.Type} {failure.Words}")))
        {
            foreach (var text in TextsIn(failed.Arguments!.Value).Where(IsBroken))
            {
                if (WrittenBy(run, failed, text) is { } origin)
                {
                    return [Describe(run, failed, origin.Model, origin.Said, text)];
                }
            }
        }

        foreach (var failed in run.Tools.Where(static tool => tool is { Failure: not null, Outcome: FailureOutcome.NotRepaired or FailureOutcome.Ignored }))
        {
            if (FileOf(run, failed) is { } write)
            {
                return [DescribeFile(run, failed, write.Call, write.Text, write.Path)];
            }
        }

        return [];
    }

    // The last that the run itself wrote to a file that what failed could not parse, as the error names it or what it reads does.
    private static (ToolStep Call, string Text, string Path)? FileOf(AgentRun run, ToolStep failed)
    {
        var words = $"{failed.Failure!.Type} {failed.Failure.Words}\n{failed.Result?.Text}";
        var isJson = Parsing().IsMatch(words);
        if (!isJson && !Syntax().IsMatch(words))
        {
            return null;
        }

        HashSet<string> seen = new(StringComparer.OrdinalIgnoreCase);
        foreach (var call in run.Tools.Where(tool => tool.Number < failed.Number && tool is { Failure: null, Asker: not null, Arguments.Value.ValueKind: JsonValueKind.Object, Commands.Count: 0 }).Reverse())
        {
            if (WrittenIn(call) is not { } write || !seen.Add(write.Path))
            {
                continue;
            }

            var name = FileEdits.NameOf(write.Path);
            var isNamed = words.Contains(name, StringComparison.Ordinal) || failed.Arguments?.Text.Contains(name, StringComparison.Ordinal) == true;
            if (isJson ? write.IsWhole && name.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && IsBroken(write.Text.Trim()) && (isNamed || run.Tools.Any(tool => tool != call && tool.Number < failed.Number && tool.Result is { } result && result.Text.Contains(name, StringComparison.Ordinal)))
                : name.Length > 3 && Blamed(words, name) && (write.IsWhole || Offending(words) is { Length: > 4 } line && write.Text.Contains(line, StringComparison.Ordinal)))
            {
                return (call, write.Text, write.Path);
            }
        }

        return null;
    }

    private static (string Path, string Text, bool IsWhole)? WrittenIn(ToolStep call)
    {
        if (Changes.Reads(call.Tool))
        {
            return null;
        }

        var members = call.Arguments!.Value.EnumerateObject().Where(static member => member.Value.ValueKind == JsonValueKind.String).ToList();
        var path = FileEdits.PathOf(call);
        var whole = members.Find(static member => member.Name is "content" or "contents" or "file_text" or "text" or "data");
        var part = members.Find(static member => member.Name is "new_string" or "new_str" or "newText" or "replacement");
        return path is null || (whole.Value.ValueKind != JsonValueKind.String && part.Value.ValueKind != JsonValueKind.String) ? null
            : (path, (whole.Value.ValueKind == JsonValueKind.String ? whole : part).Value.GetString()!, whole.Value.ValueKind == JsonValueKind.String);
    }

    // An error of syntax in this very file: File "src/x.py", line 3; /app/x.js:12; in "x.yaml", line 4.
    private static bool Blamed(string words, string name) => Regex.IsMatch(words, $@"(?:File ""[^""\n]*|in ""[^""\n]*|^[^\s:]*|\s[^\s:]*)(?<![\w-]){Regex.Escape(name)}(?:"", line \d|:\d|\(\d)", RegexOptions.CultureInvariant | RegexOptions.Multiline, TimeSpan.FromSeconds(1));

    // The line that the interpreter shows above its mark.
    private static string? Offending(string words) => Marked().Match(words) is { Success: true } match ? match.Groups["line"].Value.Trim() : null;

    private static Finding DescribeFile(AgentRun run, ToolStep failed, ToolStep write, string text, string path)
    {
        var failure = failed.Failure!;
        return StepFindings.At(
            write.Asker!, "unparsable_text", "malformed_output", Proof.Causal, Strength,
            $"{StepFindings.Say(write.Asker!)} wrote {Words.Short(path, 80)} with {StepFindings.Say(write)}{Words.At(write.Node.StartNs)} in a form that cannot be parsed, and {StepFindings.Say(failed)} failed over it{Words.At(Words.FailedNs(failed.Node))}{(failure.Words.Length > 0 ? $": {StepFindings.Quote(failure.Words, 120)}" : "")}.",
            [write.Arguments!.Say("What was written.", "", StepFindings.Head(text, 120)), failure.Evidence],
            $"Have {StepFindings.Say(write)} parse what it writes, and refuse what is broken.", failure.Type ?? "malformed_output", explains: run.Steps.Where(step => step == failed || step == failed.Asker || step == write || step == run.Answering));
    }

    private static (ModelStep Model, Passage Said)? WrittenBy(AgentRun run, ToolStep failed, string text)
    {
        foreach (var model in run.Models.Where(model => model.Number < failed.Number && model != failed.Asker))
        {
            if (model.Said.FirstOrDefault(said => said.Text.Contains(text, StringComparison.Ordinal)) is { } said)
            {
                return (model, said);
            }
        }

        return null;
    }

    private static Finding Describe(AgentRun run, ToolStep failed, ModelStep origin, Passage said, string text)
    {
        var who = StepFindings.Say(origin) + (origin.Agent is { Length: > 0 } agent ? $" of {Words.Name(agent)}" : "");
        var failure = failed.Failure!;
        return StepFindings.At(
            origin, "unparsable_text", "malformed_output", Proof.Causal, Strength,
            $"{who} answered{Words.At(origin.Node.EndNs)} with a text that is no valid JSON, {StepFindings.Quote(text, 120)}, and {StepFindings.Say(failed)}, which was given it as it was, could not parse it{Words.At(failed.Node.EndNs)}{(failure.Words.Length > 0 ? $": {StepFindings.Quote(failure.Words, 120)}" : "")}.",
            [
                said.Say("What it answered."),
                failed.Arguments!.Say($"{StepFindings.Say(failed)} was given the same text."),
                failure.Evidence,
            ],
            $"Have {StepFindings.Say(origin)} answer in a schema that its provider enforces, and parse its answer before it is handed on.", failure.Type ?? "malformed_output",
            explains: run.Steps.Where(step => step == failed || step == failed.Asker || step == run.Answering || step is RunStep { Node.Failure: not null }));
    }

    private static IEnumerable<string> TextsIn(JsonElement value, int depth = 0) => depth > 3 ? [] : value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!.Trim()],
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => TextsIn(member.Value, depth + 1)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(item => TextsIn(item, depth + 1)),
        _ => [],
    };

    [GeneratedRegex(@"\b(?:SyntaxError|IndentationError|TabError|YAMLException|ScannerError|ParserError|TOMLDecodeError|mapping values are not allowed|could not find expected|Invalid YAML|unexpected indent|Parse error)\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Syntax();

    [GeneratedRegex(@"\n(?<line>[^\n]+)\n\s*\^", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Marked();

    // Meant to be JSON, by a bracket in it, and none.
    private static bool IsBroken(string text)
    {
        if (text.Length < FewestLetters || text.AsSpan().IndexOfAny('{', '[') < 0)
        {
            return false;
        }

        try
        {
            using var parsed = JsonDocument.Parse(text);
            return false;
        }
        catch (JsonException)
        {
            return true;
        }
    }

    [GeneratedRegex(@"JSONDecode|Json(?:Reader|Parse)?Exception|OutputParser|\bjson\b.{0,60}\b(?:pars\w+|invalid|valid|decod\w+|malformed|unexpected|expected)|\b(?:pars\w+|invalid|not valid|decod\w+|malformed)\b.{0,60}\bjson\b|Expecting (?:property name|value|',' delimiter|':' delimiter)|Unexpected (?:token|end of JSON)|Unterminated string", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline, 1000)]
    private static partial Regex Parsing();
}
