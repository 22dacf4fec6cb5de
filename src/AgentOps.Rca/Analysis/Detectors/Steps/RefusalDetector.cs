using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>A run that ends with a refusal that gives no reason, or with a model call that was recorded whole and said nothing.</summary>
internal sealed partial class RefusalDetector : IDetector
{
    private const double Strength = 2.2;
    private const double Hint = 0.4;
    private const int MostText = 200;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        if (run.Models.Count == 0 || run.Tools.Any(tool => tool.Outcome is FailureOutcome.NotRepaired or FailureOutcome.Ignored))
        {
            return [];
        }

        var last = run.Models.MaxBy(model => model.Node.EndNs)!;
        if (last.Said.LastOrDefault() is { Text.Length: <= MostText } said && last.Asked.Count == 0 && Refusal().IsMatch(said.Text))
        {
            if (!MethodVersion.IsBefore(5) && run.Models.LastOrDefault(model => model.Number < last.Number && model.Run == last.Run) is { Node.Failure: { } failure } before)
            {
                return [AfterError(run, before, failure, last, said)];
            }

            // Of a wish that would harm somebody, a refusal is the answer.
            var isDue = !MethodVersion.IsBefore(5) && (run.SaidByUsers().LastOrDefault() ?? run.Request) is { } wish && Harmful().IsMatch(wish.Text);
            return
            [
                StepFindings.At(
                    last, "refusal", "refusal", isDue ? Proof.Hint : Proof.Failure, isDue ? Hint : Strength, $"{StepFindings.Say(last)} refused to answer{Words.At(last.Node.EndNs)} and gave no reason: {StepFindings.Quote(said.Text)}.",
                    [said.Say("The whole answer.")], "Look at what in the prompt or in a tool's result the model objected to, and tell the user when it refuses.", "refusal", explains: run.Runs),
            ];
        }

        // Others of its kind were recorded with what they said, so the silence is the model's and not the recorder's.
        if (last is { Node.Failure: null, Node.ResultDigest: not null, Finish.Text: "stop" or "end_turn" or "completed", Input.Count: > 0, Output.Count: 0, Asked.Count: 0 } && run.Models.Any(model => model.Output.Count > 0))
        {
            return
            [
                StepFindings.At(
                    last, "empty_answer", "empty_answer", Proof.Failure, Strength - 0.3,
                    $"{StepFindings.Say(last)} ended{Words.At(last.Node.EndNs)} with the finish reason {StepFindings.Quote(last.Finish.Text, 40)} and an empty answer: neither text nor a tool call is recorded, as when a model refuses.",
                    [last.Finish.Say($"{StepFindings.Say(last)} stopped by itself.")], "Treat an empty answer as a failure: ask again, or tell the user.", "empty_answer", explains: run.Runs),
            ];
        }

        return [];
    }

    // The words that are left to the user when the model call before them was turned away.
    private static Finding AfterError(AgentRun run, ModelStep before, SpanFailure failure, ModelStep last, Passage said)
    {
        var category = ErrorClasses.CategoryOf(failure);
        var (name, words) = (StepFindings.Say(before), ErrorText.Clean(failure.Message));
        return StepFindings.At(
            before, "refusal", category, Proof.Failure, Strength,
            $"{name} failed{Words.At(before.Node.EndNs)} {ErrorClasses.Describe(failure, category)}, and {StepFindings.Say(last)} then refused to answer{Words.At(last.Node.EndNs)}: {StepFindings.Quote(said.Text)}.",
            [
                new Fact(before.Node.FailurePlace.SpanId, $"{name} failed{Words.At(before.Node.EndNs)}{(words.Length > 0 ? $": {StepFindings.Quote(words)}" : "")}.", before.Node.FailurePlace.Pointer),
                said.Say("The whole answer."),
            ],
            ErrorClasses.Advice(category, name), failure.Type ?? category, explains: [last, .. run.Runs]);
    }

    [GeneratedRegex(@"^\W*(?:(?:i['’]?m|i am)?\s*(?:very |so |really )?(?:sorry|afraid)[^a-z]{0,3}(?:but )?)?(?:i\s*)?(?:can(?:not|['’]t| not)|won['’]t|will not|am unable to|am not able to|['’]m (?:unable|not able) to|unable to)\s+(?:assist|help|comply|fulfil+|provide|discuss|continue|engage|respond|answer|do|process|complete|support)\b(?: you)?(?: with| to| in| on)?(?: (?:that|this|your|such|these|the))?(?: (?:request|question|topic|kind of request|matter|content|conversation|information|requests?))?\W*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Refusal();

    [GeneratedRegex(@"\b(?:burgl\w*|break(?:ing)? into (?:a |the |my |someone['’]s |somebody['’]s )?(?!tears|song|pieces|chunks|parts|steps|smaller)\w+|pick(?:ing)? (?:a |the )?locks?|steal(?:ing)?|shoplift\w*|bombs?|explosives?|weapons?|poison(?:ing)?|(?:kill|murder|hurt|harm|injure|stalk|blackmail|threaten)(?:ing)? (?:a |my |the |some\w* |him|her|them|people|your?self|myself)|suicide|self-harm|malware|ransomware|keylogger|phish\w*|hack(?:ing)? (?:into|my|his|her|the|some\w*|an?)|crack(?:ing)? (?:a |the |his |her )?passwords?|counterfeit\w*|forg(?:e|ing) (?:a |the |an )?\w*(?:signature|passport|id|document|cheque|check)|launder\w*|(?:make|cook|synthesi[sz]e|buy) (?:meth\w*|cocaine|heroin|fentanyl|drugs)|child (?:porn\w*|abuse)|(?:someone|somebody|another (?:person|user|customer))(?: else)?['’]s (?:password|pin|account|card|ssn|social security|medical))\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Harmful();
}
