using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>How each tool call failed: as its span's status, those of its other halves, or its result say it.</summary>
internal static class StepFailures
{
    public static void Read(IReadOnlyList<AgentStep> steps)
    {
        foreach (var tool in steps.OfType<ToolStep>())
        {
            var failure = OfStatus(tool) ?? OfResult(tool, tool.Result) ?? OfResult(tool, tool.Told);
            tool.Failure = MethodVersion.IsBefore(5) ? failure : IsAnswer(tool) ? null : failure ?? OfOutput(tool);
        }
    }

    // A search without a match and a comparison that finds a difference end with exit code 1, and have done what they were asked for.
    private static bool IsAnswer(ToolStep tool) => CommandCall.TextOf(tool) is { } command && (tool.Result ?? tool.Told) is { } result
        && CommandOutput.Of(result) is { ExitCode: 1 } output && (output.Text.AsSpan().Trim().IsEmpty ? CommandCall.AnswersByExitCode(command) : CommandCall.Compares(command));

    private static StepFailure? OfStatus(ToolStep tool)
    {
        var nodes = tool.IsRecorded ? tool.Halves.Prepend(tool.Node) : [];
        if (nodes.FirstOrDefault(node => node.Failure is not null && !IsRecovered(tool, node)) is not { Failure: { } failure } node)
        {
            return null;
        }

        // A status alone says little; the result or what the model was told often has the words.
        var told = (tool.Result is { } result ? ResultFailure.Of(result, AnswersWithState(tool)) : null) ?? (tool.Told is { } answer ? ResultFailure.Of(answer, AnswersWithState(tool)) : null);
        var words = ErrorText.Clean(failure.Message);
        var isPoor = words.Length == 0 || words.StartsWith("[{", StringComparison.Ordinal) || (!MethodVersion.IsBefore(5) && words[0] is '[' or '{');
        var printed = isPoor && told is not { Words.Length: > 0 } && !MethodVersion.IsBefore(5) ? Printed(tool) : null;
        var combined = isPoor && told is { Words.Length: > 0 } ? told.Value.Words : printed?.Words ?? words;
        var type = failure.Type is null or "tool_error" or "Error" or "_OTHER" ? told?.Type ?? printed?.Type ?? failure.Type : failure.Type;
        var http = failure.HttpStatus ?? told?.Http;
        return new StepFailure(
            ErrorClasses.CategoryOf(new SpanFailure(type, combined, http, failure.Pointer)), type, combined, http,
            new Fact(node.FailurePlace.SpanId, $"{Words.Name(tool.Name)} failed{Words.At(Words.FailedNs(node))}{(combined.Length > 0 ? $": “{Words.Short(combined)}”" : "")}.", node.FailurePlace.Pointer),
            IsStatus: true);
    }

    // What a result says when it is taken out of the lists and objects in which frameworks hand it on.
    private static (string? Type, string Words)? Printed(ToolStep tool)
    {
        if ((tool.Result ?? tool.Told) is not { } result)
        {
            return null;
        }

        return OutputFailure.Of(tool, result) is { Words.Length: > 0 } found ? (found.Type, found.Words)
            : result.Value.ValueKind == System.Text.Json.JsonValueKind.String && ErrorText.Clean(result.Text) is { Length: > 0 } text ? (null, text) : null;
    }

    // A client that lost its connection, connected again and asked once more has the answer: only the attempt failed, and not the call.
    private static bool IsRecovered(ToolStep tool, SpanNode half) => !MethodVersion.IsBefore(5) && half != tool.Node && tool.Node.Failure is null
        && tool.Halves.Exists(later => later.Failure is null && later.StartNs >= half.EndNs);

    private static StepFailure? OfOutput(ToolStep tool)
    {
        if ((tool.Result ?? tool.Told) is not { } result || OutputFailure.Of(tool, result) is not { } found)
        {
            return null;
        }

        return new StepFailure(
            ErrorClasses.CategoryOf(new SpanFailure(found.Type, found.Words, null, "")), found.Type, found.Words, null,
            result.Say($"{Words.Name(tool.Name)} answered{Words.At(tool.Node.EndNs)} that it failed{(found.Words.Length > 0 ? $": “{Words.Short(found.Words)}”" : "")}.", found.Pointer, found.Words),
            IsStatus: false)
        { IsOnlySaid = !found.IsCode, NeedsClaim = found.NeedsClaim };
    }

    // What is rejected because it was to be rejected has been, as a record that is looked up may be.
    private static bool AnswersWithState(ToolStep tool) => ToolWords.LooksUp(tool.Tool)
        || (!MethodVersion.IsBefore(5) && ToolWords.Of(tool.Tool).Any(static word => word is "reject" or "deny" or "decline" or "refuse" or "abort" or "disapprove" or "dismiss" or "fail"));

    // What a detector says without a word more is what it was to detect: that a run failed, and not that it did itself.
    private static bool IsDetected(ToolStep tool, string words) =>
        !MethodVersion.IsBefore(5) && words.Length == 0 && tool.Tool.StartsWith("detect", StringComparison.OrdinalIgnoreCase);

    private static StepFailure? OfResult(ToolStep tool, Payload? result)
    {
        if (result is null || ResultFailure.Of(result, AnswersWithState(tool)) is not { } found || IsDetected(tool, found.Words))
        {
            return null;
        }

        var words = ErrorText.Clean(found.Words);
        return new StepFailure(
            ErrorClasses.CategoryOf(new SpanFailure(found.Type, words, found.Http, "")), found.Type, words, found.Http,
            result.Say($"{Words.Name(tool.Name)} answered{Words.At(tool.Node.EndNs)} that it failed{(words.Length > 0 ? $": “{Words.Short(words)}”" : "")}.", found.Pointer, found.Words),
            IsStatus: false);
    }
}
