using System.Text.RegularExpressions;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// A run that ended because its time was over, at a step that took next to nothing of it: what had taken most of the time before is the cause, and the
/// step that met the end of it is not.
/// </summary>
internal sealed partial class SpentTimeDetector : IDetector
{
    private const double Strength = 2.6;
    private const double MostOfVictim = 0.1;
    private const double LeastOfCulprit = 0.5;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (MethodVersion.IsBefore(5))
        {
            return [];
        }

        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        foreach (var victim in run.Steps.Where(static step => step is ToolStep { IsRecorded: true, Outcome: FailureOutcome.NotRepaired or FailureOutcome.Ignored } or ModelStep && IsDeadline(step.Node)))
        {
            if (RunOver(victim) is { } over && victim.Node.DurationNs < MostOfVictim * (victim.Node.EndNs - over.StartNs) && Culprit(over, victim.Node) is { } culprit)
            {
                return [Describe(run, over, victim, culprit)];
            }
        }

        return [];
    }

    // The run around it whose own time it was: its own words say so, or it was given less than it took.
    private static SpanNode? RunOver(AgentStep victim)
    {
        for (var above = victim.Run; above is not null; above = above.Run)
        {
            var node = above.Node;
            if ((node.Allowed?.TimeFrom(node.StartNs) is { Value: > 0 } limit && node.DurationNs > limit.Value && node.Failure is not null)
                || (IsDeadline(node) && ErrorText.Clean(node.Failure!.Message) is { Length: > 0 } words && words != ErrorText.Clean(victim.Node.Failure!.Message)))
            {
                return node;
            }
        }

        return null;
    }

    // Of what had ended before, the longest that nothing below explains.
    private static SpanNode? Culprit(SpanNode over, SpanNode victim)
    {
        SpanNode? longest = null;
        var open = new Stack<SpanNode>(over.Children);
        while (open.TryPop(out var node))
        {
            if (node.Children.Count == 0 && node.EndNs <= victim.StartNs && (longest is null || node.DurationNs > longest.DurationNs))
            {
                longest = node;
            }

            foreach (var child in node.Children)
            {
                open.Push(child);
            }
        }

        return longest is not null && longest.DurationNs >= LeastOfCulprit * (victim.EndNs - over.StartNs) ? longest : null;
    }

    private static Finding Describe(AgentRun run, SpanNode over, AgentStep victim, SpanNode culprit)
    {
        var (name, took, whole) = (Words.Name(culprit.Tool), Words.Duration(culprit.DurationNs), Words.Duration(victim.Node.EndNs - over.StartNs));
        var below = StepTree.KindOf(culprit) == StepKind.None && StepTree.StepAbove(culprit) is { } above && above != over ? $", below {Words.Name(above.Tool)}," : "";
        var said = ErrorText.Clean(victim.Node.Failure!.Message) is { Length: > 0 } words ? $": {StepFindings.Quote(words, 120)}" : "";
        return new Finding
        {
            Kind = "spent_time",
            Category = "deadline_exceeded",
            Place = "step:" + culprit.SpanId,
            Tool = culprit.Tool,
            ErrorClass = "spent_time",
            Proof = Proof.Causal,
            Strength = Strength,
            AtNs = culprit.StartNs,
            Cause = $"{name}{below} took {took} of the {whole} after which the time of {Words.Name(over.Tool)} was over; {StepFindings.Say(victim)}, which took {Words.Duration(victim.Node.DurationNs)}, was the step that met the end of it{said}.",
            Recommendation = $"Give {name} a time limit of its own, well below that of {Words.Name(over.Tool)}, and find out why it takes so long.",
            Facts =
            [
                new(culprit.SpanId, $"{name} ended {took} after its start{Words.At(culprit.EndNs)}.", "/end_ts"),
                new(over.FailurePlace.SpanId, $"{Words.Name(over.Tool)} failed{Words.At(over.EndNs)}{(ErrorText.Clean(over.Failure!.Message) is { Length: > 0 } own ? $": {StepFindings.Quote(own, 120)}" : "")}.", over.FailurePlace.Pointer),
                new(victim.Node.FailurePlace.SpanId, $"{StepFindings.Say(victim)} failed{Words.At(victim.Node.EndNs)}{said}.", victim.Node.FailurePlace.Pointer),
            ],
            Explains = run.Steps.Where(step => step == victim || step.Node.Failure is not null || step == run.Answering).Select(static step => step.Node.SpanId).Where(id => id != culprit.SpanId).ToHashSet(StringComparer.Ordinal),
        };
    }

    private static bool IsDeadline(SpanNode node) => node.Failure is { } failure && Deadline().IsMatch($"{failure.Type} {ErrorText.Clean(failure.Message)}");

    // A time that is given to the whole, and not how long one call may take.
    [GeneratedRegex(@"deadline|\btime (?:budget|limit) (?:of|for) the (?:run|task|agent|workflow|request)\b|\b(?:run|task|agent|workflow|overall|total|global) (?:time ?out|time (?:budget|limit))\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Deadline();
}
