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

        return [];
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
