using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// The same call again and again. Polling until something is done is how agents wait, and a loop is only a cause when it brought nothing new
/// and the run did not get beyond it. That the same call gave different results with no change in between is a hint.
/// </summary>
internal sealed class RepeatedStepDetector : IDetector
{
    private const int FewestCalls = 3;
    private const int LongLoop = 4;
    private const int MostFacts = 4;
    private const double Hint = 0.45;
    private const double Differing = 0.2;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        List<Finding> findings = [];
        foreach (var group in run.Tools.Where(tool => tool is { Failure: null, IsHandoff: false, Arguments: not null }).GroupBy(tool => (tool.Tool, tool.Arguments!.Key)))
        {
            List<ToolStep> calls = [.. group];
            if (calls.Count >= FewestCalls && !IsPolling(run, calls))
            {
                findings.Add(Describe(context, run, calls));
            }

            if (OfDifferingResults(run, calls) is { } differing)
            {
                findings.Add(differing);
            }
        }

        return findings;
    }

    // What changes while it is asked for was waited for, and the run went on when it had come.
    private static bool IsPolling(AgentRun run, List<ToolStep> calls) => !MethodVersion.IsBefore(5)
        && calls[^1].Result is not null && calls.TrueForAll(call => call == calls[^1] || SteadyKey.Of(call) != SteadyKey.Of(calls[^1])) && run.Answering is { } answering && answering.Number > calls[^1].Number;

    // Nothing else was tried between the same question and the same nothing, and the answer says that it was not found.
    private static bool IsAllItDid(AgentRun run, List<ToolStep> calls) => !MethodVersion.IsBefore(5)
        && calls.Count > LongLoop && calls.TrueForAll(static call => call.Result?.IsEmpty == true)
        && run.Tools.Count(tool => tool.Number >= calls[0].Number && tool.Number <= calls[^1].Number) == calls.Count
        && !run.Tools.Any(tool => tool.Number > calls[^1].Number) && run.Answer is { } answer && AnswerSigns.Of(answer.Text) == AnswerSign.Failure;

    // The same question with the same answer again and again was most of what the run did, and in the end it says that it came to nothing.
    private static bool IsMostOfIt(AgentRun run, List<ToolStep> calls) => !MethodVersion.IsBefore(5)
        && calls.Count >= 2 * LongLoop && calls.TrueForAll(static call => call.Result is not null) && run.Tools.Count <= 2 * calls.Count && run.Answer is { } answer && AnswerSigns.Of(answer.Text) == AnswerSign.Failure;

    private static Finding? OfDifferingResults(AgentRun run, List<ToolStep> calls)
    {
        var first = calls[0];
        if (calls.Count >= FewestCalls && IsPolling(run, calls))
        {
            return null;
        }

        if (ToolWords.Writes(first.Tool) || first.Result is null
            || calls.Find(call => call.Result is not null && SteadyKey.Of(call) != SteadyKey.Of(first)) is not { Result: { } result } other
            || run.Tools.Any(tool => tool.Number > first.Number && tool.Number < other.Number && (ToolWords.Writes(tool.Tool) || (!MethodVersion.IsBefore(5) && (Changes.Makes(tool.Tool) || ToolWords.Of(tool.Tool) is ["run" or "execute" or "start" or "trigger", ..])))))
        {
            return null;
        }

        return StepFindings.At(
            first, "differing_results", "inconsistent_results", Proof.Hint, Differing,
            $"{StepFindings.Say(first)} answered the same arguments differently{Words.Between(first.Node.EndNs, other.Node.EndNs, " at ", " and at ")}.",
            [first.Result.Say("The first answer to these arguments."), result.Say("Another answer to the same arguments.")],
            $"Find out why {StepFindings.Say(first)} is not repeatable: what it reads changed, or it depends on more than its arguments.", "differing_results", explains: [other]);
    }

    private static Finding Describe(DetectionContext context, AgentRun run, List<ToolStep> calls)
    {
        var (first, last) = (calls[0], calls[^1]);
        var results = calls.Where(call => call.Result is not null).Select(SteadyKey.Of).Distinct().Count();
        var same = results == 1 && calls.TrueForAll(call => call.Result is not null);
        var took = last.Node.EndNs - first.Node.StartNs;
        var share = (double)took / Math.Max(1, context.RunNs);

        // It went nowhere: no new result, and either no answer, or a run that was late because of it.
        var ended = run.Answering is { } answering && answering.Number > last.Number;
        var noAnswer = !ended && run.Models.Count > 0;
        var late = context.Case.Incident.EtaDeltaHours is > 0 && share >= 0.4;
        var isCause = results <= 1 && calls.Count >= LongLoop && (noAnswer || late || IsAllItDid(run, calls) || IsMostOfIt(run, calls));
        var model = last.Asker;
        var outcome = same ? ", each time with the same result" : results > 1 ? Words.Invariant($", with {results} different results") : "";
        return StepFindings.At(
            first, "loop", "loop", isCause ? Proof.Failure : Proof.Hint, isCause ? 1.7 + Math.Min(0.8, 0.2 * Math.Log2(calls.Count)) : Hint,
            $"{StepFindings.Say(first)} was called {Words.Times(calls.Count)} with the same arguments{Words.Between(first.Node.StartNs, last.Node.EndNs)}{outcome}"
                + (results > 1 ? "." : $": {(Words.IsUnknown(first.Node.StartNs) ? "calls" : Words.Duration(took))} that brought nothing new{(model is null ? "" : $", asked for by {StepFindings.Say(model)}")}."),
            [
                .. calls.Take(MostFacts - 1).Append(last).Distinct().Select(call => call.Arguments!.Say($"{StepFindings.Say(call)} was called{Words.At(call.Node.StartNs)} with these arguments.")),
                .. same ? (IEnumerable<Fact>)[last.Result!.Say("The last call had the same result as the first.")] : [],
            ],
            $"Stop the run when {StepFindings.Say(first)} is about to be called with arguments it has already answered, and give the model the earlier result and a limit of steps.",
            "repeated_call", explains: calls);
    }
}
