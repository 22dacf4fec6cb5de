using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>Results with nothing in them: often an answer, and never a cause by themselves.</summary>
internal sealed class EmptyStepDetector : IDetector
{
    private const double Hint = 0.3;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        return
        [
            .. run.Tools.Where(static tool => tool is { Failure: null, Result.IsEmpty: true, IsHandoff: false } && ToolWords.LooksUp(tool.Tool)).GroupBy(tool => tool.Tool, StringComparer.Ordinal)
                .Select(group => Describe(run, [.. group])),
        ];
    }

    private static Finding Describe(AgentRun run, List<ToolStep> calls)
    {
        var first = calls[0];
        var all = run.Tools.Count(tool => tool.Tool == first.Tool);
        return StepFindings.At(
            first, "empty_result", "empty_result", Proof.Hint, Hint,
            Words.Invariant($"{StepFindings.Say(first)} returned nothing in {calls.Count} of {all} {(all == 1 ? "call" : "calls")}{Words.FirstAt(first.Node.EndNs)}."),
            calls.Take(3).Select(call => call.Result!.Say($"{StepFindings.Say(call)} returned nothing{Words.At(call.Node.EndNs)}.", Emptiness.Of(call.Result.Value) ?? "")),
            // An empty list says that there is nothing; it is a sign, for which nothing need be done.
            MethodVersion.IsBefore(5) ? $"Check what {StepFindings.Say(first)} was asked for, and have it say that there is nothing so that the model can change course." : null, "empty", explains: calls);
    }
}
