using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>Answers that were cut off, stopped by a content filter, or refused, as the provider's finish reason says; and guardrails that tripped.</summary>
internal sealed partial class FinishReasonDetector : IDetector
{
    private const double Filtered = 2.7;
    private const double CutAndFailed = 2.7;
    private const double Cut = 1.4;
    private const double Decided = 0.4;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        List<Finding> findings = [];
        foreach (var model in run.Models)
        {
            if (model.Finish is { } finish && Kind(finish.Text) is { } kind && Describe(context, run, model, finish, kind) is { } finding)
            {
                findings.Add(finding);
            }
        }

        findings.AddRange(run.Steps.OfType<GuardrailStep>().Where(step => step.Tripped is not null).Select(step => OfGuardrail(run, step)));
        return findings;
    }

    // Python writes the member of an enumeration with the name of the enumeration before it (FinishReason.LENGTH).
    private static string Bare(string reason) => MethodVersion.IsBefore(5) ? reason : reason[(reason.LastIndexOf('.') + 1)..];

    private static string? Kind(string reason) => Bare(reason).Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant() switch
    {
        "LENGTH" or "MAXTOKENS" or "MAXOUTPUTTOKENS" or "MODELCONTEXTWINDOWEXCEEDED" => "length",
        "CONTENTFILTER" or "CONTENTFILTERED" or "SAFETY" or "RECITATION" or "BLOCKLIST" or "PROHIBITEDCONTENT" or "GUARDRAILINTERVENED" => "filter",
        "REFUSAL" => "refusal",
        "MALFORMEDFUNCTIONCALL" or "MALFORMEDTOOLCALL" or "MALFORMEDRESPONSE" or "UNEXPECTEDTOOLCALL" when !MethodVersion.IsBefore(5) => "malformed",
        _ => null,
    };

    private static Finding? Describe(DetectionContext context, AgentRun run, ModelStep model, Passage finish, string kind)
    {
        var name = StepFindings.Say(model);
        var fact = finish.Say($"{name} stopped with the finish reason {StepFindings.Quote(finish.Text, 40)}{Words.At(model.Node.EndNs)}.");
        var said = model.Said.LastOrDefault();
        var explains = run.Steps.Where(step => step is RunStep && (step.Node.Failure is not null || step == model.Run));
        if (kind == "malformed")
        {
            // Asked again it may have written one that could be read.
            return said is not null || run.Models.Any(later => later.Number > model.Number && later.Run == model.Run && later.Node.Tool == model.Node.Tool && later.HasContent && later.Output.Count > 0) ? null : StepFindings.At(
                model, "finish_reason", "malformed_call", Proof.Certain, Filtered,
                $"{name} ended{Words.At(model.Node.EndNs)} with the finish reason {StepFindings.Quote(finish.Text, 40)} and an empty answer: the call of a tool that it wrote could not be read, and nothing tried again.",
                [fact], "Ask the model again when a call of a tool cannot be read, and have an agent that ends without an answer fail.", kind, explains: explains);
        }

        if (kind is "filter" or "refusal")
        {
            var what = kind == "filter" ? "was stopped by the provider's content filter" : "refused to answer";
            return StepFindings.At(
                model, "finish_reason", kind == "filter" ? "content_filter" : "refusal", Proof.Certain, Filtered,
                $"{name} {what}{Words.At(model.Node.EndNs)} (finish reason {StepFindings.Quote(finish.Text, 40)}), {(said is null ? "and its answer is empty" : $"after it had said {StepFindings.Quote(said.Text, 80)}")}.",
                [fact, .. said is null ? (IEnumerable<Fact>)[] : [said.Say("What it had said until then.")]],
                "Look at what the filter objected to in the prompt or in a tool's result, and tell the user when an answer was stopped.", kind, explains: explains);
        }

        var failure = context.Spans.Nodes.FirstOrDefault(node => node.Failure is not null && node.EndNs >= model.Node.EndNs && run.Find(node) is null && IsParsing(node.Failure));
        var cutJson = said is not null && said.Text.AsSpan().TrimStart() is ['{' or '[', ..] && !Envelope.TryParse(said.Text, out _);
        var cutCall = model.Output.SelectMany(message => message.Calls).Any(call => call.Arguments is { Value.ValueKind: System.Text.Json.JsonValueKind.String });
        var cutArguments = MethodVersion.IsBefore(5) ? null : CutArguments(run, model);
        if (model != run.Answering && failure is null && !cutJson && !cutCall && cutArguments is null && said is not null)
        {
            return null;
        }

        // Who asks for one of a few words allows no more than the word takes.
        if (failure is null && !cutJson && !cutCall && cutArguments is null && said is not null && !MethodVersion.IsBefore(5) && ShortAnswer.IsWhole(run, model, said.Text))
        {
            return null;
        }

        var ended = MethodVersion.IsBefore(5) ? null : run.Runs.FirstOrDefault(static step => step.Node.Failure is { } own && MaxTokens().IsMatch($"{own.Type} {own.Message}"));
        var isPlain = failure is not null || cutJson || cutCall || cutArguments is not null || said is null || ended is not null;
        List<Fact> facts = [fact];
        if (cutArguments is { } cut)
        {
            facts.Add(cut.Failed.Failure!.Evidence);
        }
        else if (said is not null)
        {
            facts.Add(said.Say(cutJson ? "Its answer is JSON without an end." : MethodVersion.IsBefore(5) ? "Its answer ends where it was cut off." : $"Its answer ends with {StepFindings.Quote(EndOf(said.Text), 60)}."));
        }

        if (ended is not null)
        {
            facts.Add(new Fact(ended.Node.FailurePlace.SpanId, $"{StepFindings.Say(ended)} ended with that error.", ended.Node.FailurePlace.Pointer));
        }

        if (failure is not null)
        {
            facts.Add(new Fact(failure.FailurePlace.SpanId, $"{Words.Name(failure.Tool)} failed on it afterwards.", failure.FailurePlace.Pointer));
        }

        var consequence = cutArguments is { } shortened ? $"; what it had {StepFindings.Say(shortened.Call)} write ends there, and {StepFindings.Say(shortened.Failed)} then failed on it ({StepFindings.Quote(shortened.Failed.Failure!.Words, 120)})"
            : failure is not null ? $"; {Words.Name(failure.Tool)} then failed on it ({StepFindings.Quote(ErrorText.Clean(failure.Failure!.Message) is { Length: > 0 } words ? words : failure.Failure.Type ?? "error", 120)})"
            : cutJson ? "; what it answered is JSON without an end" : said is null ? "; its answer is empty" : "";
        return StepFindings.At(
            model, "finish_reason", "answer_cut_off", isPlain ? Proof.Certain : Proof.Failure, isPlain ? CutAndFailed : Cut,
            $"The answer of {name} was cut off{Words.At(model.Node.EndNs)}: it reached its limit of output tokens (finish reason {StepFindings.Quote(finish.Text, 40)}){consequence}.",
            facts, $"Raise the limit of output tokens of {name} or ask for less, and check the finish reason before an answer is used.", "length", explains: cutArguments is null ? explains : explains.Concat([cutArguments.Value.Call, cutArguments.Value.Failed, .. cutArguments.Value.Failed.Asker is { } then ? (AgentStep[])[then] : []]));
    }

    // Its last call was cut off with it and carried out all the same; what reads what it was given finds no end.
    private static (ToolStep Call, ToolStep Failed)? CutArguments(AgentRun run, ModelStep model) =>
        model.Asked is [.., { Arguments: not null } call] && run.Tools.FirstOrDefault(later => later.Number >= call.Number && later.Failure is not null && EndsEarly().IsMatch((later.Result ?? later.Told)?.Text ?? later.Failure.Words)) is { } failed
            ? (call, failed) : null;

    [GeneratedRegex(@"unexpected (?:end|eof)|\beof\b|end of (?:file|input|data|stream)|unterminated|unclosed|not (?:closed|terminated)|did not find expected|incomplete|truncated|premature|missing (?:closing|end)|expected .{0,20}(?:\}|\]|end)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex EndsEarly();

    private static string EndOf(string text)
    {
        const int most = 50;
        var end = text.TrimEnd();
        return end.Length <= most ? end : end[^(char.IsLowSurrogate(end[^most]) ? most - 1 : most)..];
    }

    [GeneratedRegex(@"max_?(?:output_?)?tokens|maximum (?:number of )?(?:output )?tokens|output token limit", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex MaxTokens();

    private static bool IsParsing(Spans.SpanFailure failure) =>
        $"{failure.Type} {failure.Message}" is var words && (words.Contains("json", StringComparison.OrdinalIgnoreCase) || words.Contains("pars", StringComparison.OrdinalIgnoreCase)
            || words.Contains("unexpected end", StringComparison.OrdinalIgnoreCase) || words.Contains("unterminated", StringComparison.OrdinalIgnoreCase) || words.Contains("end of data", StringComparison.OrdinalIgnoreCase));

    // What was asked for was turned away before any model saw it, and whoever asked was told so: the guardrail decided, and nothing shows that it was wrong.
    private static Finding OfGuardrail(AgentRun run, GuardrailStep step) => !MethodVersion.IsBefore(5) && Refusal(run, step) is { } refusal
        ? StepFindings.At(
            step, "guardrail", "guardrail_tripped", Proof.Hint, Decided,
            $"{StepFindings.Say(step)} stopped the run{Words.At(step.Node.EndNs)} before any model was called for an answer, and the run said so: {StepFindings.Quote(refusal.Text, 120)}.",
            [step.Tripped!, refusal.Say("What the run answered.")], "Look at what the guardrail objected to, and whether it was right to.", "guardrail")
        : OfTripped(run, step);

    private static Passage? Refusal(AgentRun run, GuardrailStep step) =>
        step.Node.Failure is null && run.Runs.All(static above => above.Node.Failure is null) && run.Models.All(model => IsBelow(model, step))
            && run.Runs.Where(static above => above.Run is null).SelectMany(static above => above.Answer).SelectMany(static message => message.Texts).LastOrDefault() is { } said
            && AnswerSigns.Of(said.Text) == AnswerSign.Failure
            ? said : null;

    private static bool IsBelow(AgentStep step, AgentStep above)
    {
        var at = step.Node.Parent;
        while (at is not null && at != above.Node)
        {
            at = at.Parent;
        }

        return at is not null;
    }

    private static Finding OfTripped(AgentRun run, GuardrailStep step) => StepFindings.At(
        step, "guardrail", "guardrail_tripped", Proof.Certain, Filtered,
        $"{StepFindings.Say(step)} stopped the run{Words.At(step.Node.EndNs)}{(step.Result is { IsEmpty: false } result ? $": {StepFindings.Quote(result.Text)}" : "")}.",
        [step.Tripped!], "Look at what the guardrail objected to, and whether it was right to.", "guardrail",
        explains: run.Steps.Where(other => other is RunStep && other.Node.Failure is not null));
}
