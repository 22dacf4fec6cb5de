using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A run whose last words are no answer: a tool call that was written as text and so never made, the sentence with which a framework says that a
/// limit was reached, a template that was not filled in. Or the run ends without an answer while a request stands open (<see cref="OpenEnding"/>).
/// </summary>
internal sealed partial class UnusableAnswerDetector : IDetector
{
    private const double Strength = 2.3;
    private const int MostText = 4_000;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (await OpenEnding.FindAsync(context, run, cancellationToken).ConfigureAwait(false) is { } ending)
        {
            return [ending];
        }

        if (run is not { Answering: { } model, Answer: { Text.Length: <= MostText } answer })
        {
            return [];
        }

        var text = answer.Text.Trim();
        return CallIn(run, text) is { } tool
            ? [StepFindings.At(
                model, "unusable_answer", "call_as_text", Proof.Certain, Strength,
                $"{StepFindings.Say(model)} wrote a call of {Words.Name(tool)} as text{Words.At(model.Node.EndNs)} instead of making it, so it was never made, and the run ended with {StepFindings.Quote(text, 120)} as its answer.",
                [answer.Say("The last words of the run.", Words.Short(text, 120).TrimEnd('…'))],
                "Look at how the model is offered its tools (the template of its chat, the parser of its calls), and have the host take such text as a failed turn.", "call_as_text", explains: run.Runs)]
            : Limit().Match(text) is { Success: true } limit
            ? [OfIgnored(run, model, answer, limit.Value) ?? StepFindings.At(
                model, "unusable_answer", "turn_limit", Proof.Certain, Strength,
                $"The run ended{Words.At(model.Node.EndNs)} at its limit of steps: its answer is the sentence {StepFindings.Quote(limit.Value, 120)} of the framework{Busy(run)}.",
                [answer.Say("The last words of the run.", limit.Value)],
                ErrorClasses.Advice("turn_limit", ""), "turn_limit", explains: run.Runs)]
            : Unfilled().Match(text) is { Success: true } unfilled && !IsSubject(run, model, text, unfilled.Value)
            ? [StepFindings.At(
                model, "unusable_answer", "unfilled_template", Proof.Certain, Strength,
                $"The answer of {StepFindings.Say(model)}{Words.At(model.Node.EndNs)} holds {StepFindings.Quote(unfilled.Value, 60)}, which was to be replaced by a value.",
                [answer.Say("What was not filled in.", unfilled.Value)],
                "Fill templates in code, and refuse an answer that still holds a placeholder.", "unfilled_template", explains: run.Runs)]
            : [];
    }

    // Who asks for a template gets one, and who asks about such text is told of it.
    private static bool IsSubject(AgentRun run, ModelStep model, string text, string unfilled)
    {
        var mark = unfilled.StartsWith("{{", StringComparison.Ordinal) ? "{{" : unfilled;
        return text.Contains('`', StringComparison.Ordinal) || KnownText.Before(run, model).Holds(mark) || run.Tools.Any(tool => tool.Arguments?.Text.Contains(mark, StringComparison.Ordinal) == true);
    }

    // The tool that was called until then gave the same back whatever it was given, so no number of steps would have been enough.
    private static Finding? OfIgnored(AgentRun run, ModelStep model, Passage answer, string limit)
    {
        var calls = run.Tools.GroupBy(static tool => tool.Tool, StringComparer.Ordinal).MaxBy(static group => group.Count())?.ToList() ?? [];
        return SameAnswers.Ignored(calls) is not { } ignored ? null : StepFindings.At(
            calls[0], "unusable_answer", "turn_limit", Proof.Certain, Strength,
            $"{StepFindings.Say(calls[0])} was called {Words.Times(calls.Count)} with {SameAnswers.Describe(calls, ignored)}, until the run reached its limit of steps{Words.At(model.Node.EndNs)}: its answer is the sentence {StepFindings.Quote(limit, 120)} of the framework.",
            [
                answer.Say("The last words of the run.", limit), calls[0].Arguments!.Say("What the first call was given."), calls[^1].Arguments!.Say("What the last call was given."),
                calls[0].Result!.Say("What the first call gave back."), calls[^1].Result!.Say("What the last call gave back."),
            ],
            $"Find out why {StepFindings.Say(calls[0])} does not look at “{Words.Short(ignored, 40)}”, and end a run when other arguments bring nothing new.", "turn_limit",
            explains: calls.Cast<AgentStep>().Concat(run.Runs).Append(model));
    }

    // Where the calls went until then.
    private static string Busy(AgentRun run) => run.Tools.GroupBy(static tool => tool.Tool, StringComparer.Ordinal).MaxBy(static group => group.Count()) is { } most && most.Count() > 2
        ? $"; {StepFindings.Say(most.First())} had been called {Words.Times(most.Count())}" : "";

    private static string? CallIn(AgentRun run, string text)
    {
        var match = Marked().Match(text);
        var json = match.Success ? text[(match.Index + match.Length)..] : text;
        var open = json.AsSpan().IndexOfAny('{', '[');
        string? name = null;
        if (open >= 0 && (match.Success || Fence().Replace(json, "").Trim() is ['{' or '[', .., '}' or ']']))
        {
            var whole = Fence().Replace(json[open..], "").Trim();
            whole = whole[..(whole.LastIndexOfAny(['}', ']']) + 1)];
            name = Envelope.TryParse(whole, out var value) ? NameIn(value) : null;
        }

        name ??= match.Success && match.Groups["name"] is { Success: true, Value: var named } ? named : null;
        return name is not null && (match.Success || run.Models.Any(model => model.Offered.ContainsKey(name)) || run.Tools.Any(tool => tool.Tool == name)
            || (run.Tools.Count > 0 && run.Models.All(static model => model.Offered.Count == 0) && ToolName().IsMatch(name))) ? name : null;
    }

    private static string? NameIn(JsonElement value)
    {
        value = value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 ? value[0] : value;
        if (value.ValueKind != JsonValueKind.Object || !(value.TryGetProperty("arguments", out _) || value.TryGetProperty("parameters", out _) || value.TryGetProperty("args", out _) || value.TryGetProperty("input", out _) || value.TryGetProperty("function", out _)))
        {
            return null;
        }

        return value.TextOf("name") ?? value.TextOf("tool") ?? value.TextOf("tool_name") ?? value.TextOf("function")
            ?? (value.TryGetProperty("function", out var function) && function.ValueKind == JsonValueKind.Object ? function.TextOf("name") : null);
    }

    [GeneratedRegex(@"\A[a-z][A-Za-z0-9]*(?:[_.-][A-Za-z0-9]+)+\z|\A[a-z]+(?:[A-Z][a-z0-9]+)+\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ToolName();

    // Hermes and Qwen, Llama, Mistral
    [GeneratedRegex(@"\A\s*(?:<tool_call>|<function_call>|<function=(?<name>[\w.-]{1,80})>|\[TOOL_CALLS\]|<\|python_tag\|>)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Marked();

    [GeneratedRegex(@"^\s*```(?:json)?|```\s*$|</?(?:tool_call|function_call|function)[^>]*>", RegexOptions.CultureInvariant | RegexOptions.Multiline, 1000)]
    private static partial Regex Fence();

    // LangChain, LangGraph, CrewAI, AutoGen, smolagents
    [GeneratedRegex(@"\A\W*(?:Agent stopped due to (?:iteration limit(?: or time limit)?|max iterations)\.?|Sorry, need more steps to process this request\.?|Agent stopped due to time limit\.?|Reached max(?:imum)? (?:iterations|steps|turns|number of steps)\b[^\n]{0,80}|Maximum (?:iterations|steps|turns) reached\b[^\n]{0,80})\W*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Limit();

    [GeneratedRegex(@"\{\{\s*[A-Za-z_][\w.]{0,60}\s*\}\}|\[object Object\]|\A\W*undefined\W*\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Unfilled();
}
