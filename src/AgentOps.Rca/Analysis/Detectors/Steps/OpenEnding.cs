using System.Text.Json;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// How a run ends whose user never got what was asked for: with a promise to see to it, with an empty message, or with a call that nobody answered.
/// That it ends with a tool's result is a sign only: the record may have been cut.
/// </summary>
internal static class OpenEnding
{
    // What led to it explains it: a call that failed before it comes first.
    private const double Strength = 1.8;
    private const double Hint = 0.4;
    private const int MostText = 200;
    private static readonly string[] Thoughts = ["text", "thinking", "redacted_thinking", "reasoning", "output_text"];
    private static readonly string[] Contents = ["content", "parts"];
    private static readonly string[] Others = ["tool_calls", "function_call", "refusal", "audio", "images", "attachments", "data"];

    public static async ValueTask<Finding?> FindAsync(DetectionContext context, AgentRun run, CancellationToken cancellationToken)
    {
        if (run.IsCut || run.Steps.LastOrDefault(static step => step is ModelStep or ToolStep { Asker: not null }) is not { } last || !run.Models.Any(static step => step.HasContent)
            || run.Runs.Any(static step => step.Node.Failure is not null) || RequestOf(run) is not { } request || IsLive(run))
        {
            return null;
        }

        return last switch
        {
            ModelStep model when model == run.Answering && run.Answer is { } answer => OfPromise(run, model, answer, request),
            ModelStep { Asked.Count: 0, Output.Count: 0, Finish: null, Node: { Failure: null, ResultDigest: not null } } model
                when IsRead(run, model) && await context.ReadJsonAsync(model.Node.ResultDigest, cancellationToken).ConfigureAwait(false) is { } said && IsSilent(said) => OfSilence(run, model, request),
            ToolStep { Failure: null, IsHandoff: false } tool when !Ends(tool) => tool.Result is not null ? OfResult(run, tool) : OfCall(run, tool, request),
            _ => null,
        };
    }

    // An exporter may write an empty text for one that it did not gather from a stream; then it has written no other either.
    private static bool IsRead(AgentRun run, ModelStep model) => IsOfFile(model) || run.Models.Any(other => other != model && other.Scope == model.Scope && other.Said.Any());

    // These hold each message of the run, and not what some exporter was told to write.
    private static bool IsOfFile(AgentStep step) => step.Scope is null or "messages" or "swe-agent" or "claude-code" or "codex";

    // The last thing that a user said to the run.
    private static Passage? RequestOf(AgentRun run) => run.SaidByUsers().LastOrDefault() ?? run.Request;

    // The user has said something that no model call has been given: the next answer is yet to come.
    private static bool IsLive(AgentRun run) => run.Runs.FirstOrDefault(static step => step.Run is null) is { } outer && outer.Request.LastOrDefault(static message => message.Role == "user" && message.Texts.Count > 0) is { } said
        && run.Models.Any(static model => model.Input.Count > 0) && !run.Models.Any(model => model.Input.Any(message => message.Role == "user" && message.Texts.Select(static text => text.Text).SequenceEqual(said.Texts.Select(static text => text.Text))));

    private static Finding? OfPromise(AgentRun run, ModelStep model, Passage answer, Passage request)
    {
        // After something that was told the last words promise what no call has begun to do.
        var isLate = !MethodVersion.IsBefore(5) && !Promises.IsQuestion(request.Text) && !run.Tools.Any(tool => tool.Number < model.Number && (Changes.Act(tool.Tool) || tool.Commands.Count > 0));
        if ((Promises.Of(answer.Text) ?? (isLate ? Promises.AtEnd(answer.Text) : null)) is not { } promise || Promises.Asks(request.Text) || run.Tools.Any(tool => tool.Number < model.Number && (tool.IsHandoff || Ends(tool))))
        {
            return null;
        }

        var before = run.Tools.Count(tool => tool.Asker is { } asker && asker.Number < model.Number);
        return StepFindings.At(
            model, "open_ending", "no_answer", Proof.Failure, Strength,
            $"The run ends{Words.At(model.Node.EndNs)} with a promise of {StepFindings.Say(model)}, {StepFindings.Quote(promise, 120)}, and nothing was done after it: what was asked for ({StepFindings.Quote(request.Text, 120)}) got no result"
                + $"{(before == 0 ? ", and no tool was called" : "")}.",
            [answer.Say("The last words of the run.", Words.Short(promise, MostText).TrimEnd('…')), request.Say("What was asked for.")],
            "Let a turn end only with a result, a question or a refusal: have the host ask again when the model only says what it is going to do.", "promise_only", explains: run.Runs);
    }

    private static Finding? OfSilence(AgentRun run, ModelStep model, Passage request)
    {
        // What was to be done may have been done, and only not told; an agent that answers by a tool has answered.
        var done = run.Tools.LastOrDefault(tool => tool.Number < model.Number) is { } tool && (Ends(tool) || tool.IsHandoff || ToolWords.Writes(tool.Tool));
        return StepFindings.At(
            model, "open_ending", "empty_answer", done ? Proof.Hint : Proof.Failure, done ? Hint : Strength,
            $"The run ends{Words.At(model.Node.EndNs)} with an empty message of {StepFindings.Say(model)}: it says nothing and calls no tool, and what was asked for ({StepFindings.Quote(request.Text, 120)}) got no answer.",
            [new Fact(model.Node.SpanId, "The last message of the run is empty.", "/result_digest"), request.Say("What was asked for.")],
            "Treat an empty answer as a failure: ask again, or tell the user.", "empty_answer", explains: run.Runs);
    }

    private static Finding? OfCall(AgentRun run, ToolStep tool, Passage request)
    {
        // Only where results are recorded does a missing one say anything; and some calls wait for a person.
        var isKept = IsOfFile(tool) || run.Tools.Any(other => other != tool && other.Scope == tool.Scope && other is { IsRecorded: true, Result: not null });

        // These write their sessions while they work, so this one may go on.
        var isAtWork = tool.Scope is "claude-code" or "codex";
        return !isKept || ToolWords.Of(tool.Tool).Any(static word => word is "ask" or "question" or "confirm" or "confirmation" or "approval" or "approve" or "human" or "user" or "input" or "plan" or "wait" or "sleep" or "message" or "handoff" or "transfer" or "escalate" or "delegate" or "task")
            ? null
            : StepFindings.At(
                tool, "open_ending", "no_result", isAtWork ? Proof.Hint : Proof.Failure, isAtWork ? Hint : Strength,
                $"The run ends{Words.At(tool.Node.EndNs)} with a call of {StepFindings.Say(tool)} that nobody answered: no result of it is recorded and nothing follows, so what was asked for ({StepFindings.Quote(request.Text, 120)}) got no answer.",
                [
                    tool.Call?.Place.Say($"{StepFindings.Say(tool)} was asked for.") ?? tool.Arguments?.Say($"What {StepFindings.Say(tool)} was given.") ?? new Fact(tool.Node.SpanId, $"{StepFindings.Say(tool)} was called.", "/tool"),
                    request.Say("What was asked for."),
                ],
                $"Look at why {StepFindings.Say(tool)} gave nothing back: whether the host stopped the run, it hangs, or the record was cut; and give each call a time limit.", "no_result", explains: [.. run.Runs, .. tool.Asker is { } asker ? (AgentStep[])[asker] : []]);
    }

    private static Finding? OfResult(AgentRun run, ToolStep last) => run.Answer is not null ? null : StepFindings.At(
        last, "unusable_answer", "no_answer", Proof.Hint, Hint,
        $"The run ends with the result of {StepFindings.Say(last)}{Words.At(last.Node.EndNs)}: no model call is recorded after it, so the run has no answer.",
        [last.Result!.Say($"{StepFindings.Say(last)} gave this back, and no model call follows.")],
        "Look at why the run was not continued after this result: whether the host stopped it, or the record was cut.", "no_answer");

    // With these a run ends, and what they were given is the answer.
    private static bool Ends(ToolStep last) => ToolWords.Of(last.Tool).Any(static word => word is "submit" or "final" or "answer" or "finish" or "finished" or "complete" or "done" or "end" or "exit" or "respond" or "reply" or "return" or "stop" or "terminate" or "output" or "response");

    // Nothing but thoughts and empty texts: neither words nor a picture, a call or a refusal.
    private static bool IsSilent(JsonElement said) => said.ValueKind switch
    {
        JsonValueKind.Array => said.GetArrayLength() > 0 && said.EnumerateArray().All(IsSilent),
        JsonValueKind.Object => Array.Exists(Contents, name => said.TryGetProperty(name, out _))
            && Array.TrueForAll(Contents, name => !said.TryGetProperty(name, out var content) || IsEmpty(content))
            && Array.TrueForAll(Others, name => !said.TryGetProperty(name, out var other) || other.ValueKind is JsonValueKind.Null || Emptiness.Of(other) is not null),
        _ => false,
    };

    private static bool IsEmpty(JsonElement content) => content.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.String => string.IsNullOrWhiteSpace(content.GetString()),
        JsonValueKind.Array => content.EnumerateArray().All(static block => block.ValueKind == JsonValueKind.Object && block.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            && Array.IndexOf(Thoughts, type.GetString()) is >= 0 and var known && (known is not (0 or 4) || ((!block.TryGetProperty("text", out var text) || IsEmpty(text)) && (!block.TryGetProperty("content", out var inner) || IsEmpty(inner))))),
        _ => false,
    };
}
