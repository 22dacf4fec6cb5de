using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A change that was made for some records only, as its result says, where the answer speaks of success alone.</summary>
internal sealed partial class PartialFailureDetector : IDetector
{
    private const double Strength = 2.1;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (!MethodVersion.IsBefore(5) && OnTheWay(run) is { } onTheWay)
        {
            return [onTheWay];
        }

        if (run.Answer is not { } answer || AnswerSigns.Of(answer.Text) != AnswerSign.Success)
        {
            return [];
        }

        return
        [
            .. run.Tools.Where(tool => tool is { Failure: null, IsHandoff: false, Result.Value.ValueKind: JsonValueKind.Object } && ToolWords.Writes(tool.Tool))
                .Select(tool => (Tool: tool, Failed: FailedIn(tool.Result!.Value))).Where(pair => pair.Failed is not null && !run.Tools.Any(later => later.Number > pair.Tool.Number && later.Tool == pair.Tool.Tool))
                .Take(1).Select(pair => Describe(pair.Tool, pair.Failed!.Value, answer)),
        ];
    }

    // What a model said next, also on the way, of a job that had failed for some: that all are done.
    private static Finding? OnTheWay(AgentRun run)
    {
        foreach (var tool in run.Tools.Where(static tool => tool is { Failure: null, IsHandoff: false, Result.Value.ValueKind: JsonValueKind.Object } && !ToolWords.LooksUp(tool.Tool)))
        {
            foreach (var body in tool.Result!.Value.EnumerateObject().Where(static member => member.Value.ValueKind == JsonValueKind.Object))
            {
                if (FailedIn(body.Value) is { } failed && run.Models.FirstOrDefault(model => model.Number > tool.Number && model.Said.Any()) is { } model && !run.Tools.Any(other => other.Number > tool.Number && other.Number < model.Number)
                    && model.Said.FirstOrDefault() is { } said && Sentences.In(said.Text).FirstOrDefault(static sentence => AllDone().IsMatch(sentence)) is { } claim && !Exceptions().IsMatch(said.Text))
                {
                    return DescribeOnTheWay(tool, model, said, claim, body.Name, failed);
                }
            }
        }

        return null;
    }

    private static Finding DescribeOnTheWay(ToolStep tool, ModelStep model, Passage said, string claim, string body, JsonProperty failed)
    {
        var name = StepFindings.Say(tool);
        return StepFindings.At(
            model, "partial_failure", "partial_failure", Proof.Provenance, Strength,
            $"{StepFindings.Say(model)} said {StepFindings.Quote(claim, 120)}, but {name} had just answered{Words.At(tool.Node.EndNs)} that some had failed ({Words.Name(failed.Name)}: {StepFindings.Quote(failed.Value.GetRawText(), 40)}).",
            [
                said.Say("What was said of it.", StepFindings.Head(claim)),
                tool.Result!.Say($"{name} says that some failed.", JsonPointers.Step(body) + JsonPointers.Step(failed.Name), failed.Value.GetRawText()),
            ],
            $"Have the model tell which records of {name} failed, or let {name} fail as a whole.", "partial_failure", explains: [tool]);
    }

    [GeneratedRegex(@"\b(?:all|every|each|entire|alle[ns]?|sämtliche|tous|toutes|todos|todas|tutt[ie]|(?<n>\d+)(?:/| of )\k<n>)\b[^.!?]{0,60}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AllDone();

    [GeneratedRegex(@"\b(?:but|except|fail\w*|not|could|however|retry|again|error|missing|if|will|aber|außer|nicht|fehl\w*|mais|sauf|échou\w*|pero|salvo|fall\w+)\b|\?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Exceptions();

    private static JsonProperty? FailedIn(JsonElement result)
    {
        foreach (var member in result.EnumerateObject())
        {
            var isCount = JsonNumbers.TryGetWhole(member.Value, out int count) && count > 0;
            var isList = member.Value.ValueKind == JsonValueKind.Array && member.Value.GetArrayLength() > 0;
            if ((isCount || isList) && ToolWords.Of(member.Name) is { Count: <= 2 } words && words.Any(word => word is "failed" or "failures" or "rejected" or "skipped" or "unsent" or "undelivered"))
            {
                return member;
            }
        }

        return null;
    }

    private static Finding Describe(ToolStep tool, JsonProperty failed, Passage answer)
    {
        var name = StepFindings.Say(tool);
        var count = JsonNumbers.TryGetWhole(failed.Value, out int number) ? number : failed.Value.GetArrayLength();
        return StepFindings.At(
            tool, "partial_failure", "partial_failure", Proof.Provenance, Strength,
            Words.Invariant($"{name} answered{Words.At(tool.Node.EndNs)} that {count} of its records failed ({StepFindings.Quote(tool.Result!.Text, 120)}), and the answer speaks of success alone: {StepFindings.Quote(answer.Text, 120)}."),
            [
                tool.Result.Say(Words.Invariant($"{name} says so: {Words.Name(failed.Name)} is {count}."), JsonPointers.Step(failed.Name), failed.Value.GetRawText()),
                answer.Say("The answer speaks of success alone."),
            ],
            $"Have the model tell which records of {name} failed, or let {name} fail as a whole.", "partial_failure", explains: tool.Asker is { } asker ? [asker] : []);
    }
}
