using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>
/// The step that took the time of a run that was late: against the baseline where there is one (one call is enough for seconds against
/// hundredths), or alone against what the run was given. The nested call that holds the time is named, not its caller.
/// </summary>
internal sealed class SlowStepDetector : IDetector
{
    private const double Strength = 2.0;
    private const double TimesUsual = 5;
    private const double LeastShare = 0.4;
    private const long LeastNs = 500_000_000;
    private const double ShareOfNested = 0.7;
    private const int FewestCalls = 3;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var run = await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);
        var steps = run.Steps.Where(step => step is ModelStep or ToolStep { IsRecorded: true }).ToList();
        if (steps.Count == 0 || steps.MaxBy(OwnNs) is not { } slow || OwnNs(slow) < LeastNs)
        {
            return [];
        }

        var late = context.Case.Incident.EtaDeltaHours is > 0 and var hours ? hours * 3.6e12 : (double?)null;
        var limit = run.Runs.Select(step => step.Node).Concat(context.Spans.Roots)
            .Where(node => node.Allowed?.Time is { Value: > 0 } time && node.DurationNs > time.Value).Select(node => node.Limits?.Time?.Value).FirstOrDefault();
        var took = OwnNs(slow);
        var share = (double)took / Math.Max(1, context.RunNs);
        var isLate = late is not null || limit is not null || SaysLate(context.Case.Incident.ProblemType);
        var usual = context.UsualOf(slow.Node);
        var others = steps.Where(step => step != slow && step.Node.Tool == slow.Node.Tool).Select(OwnNs).Order().ToList();
        var against = usual is { Count: >= FewestCalls } ? Math.Max(usual.P95Ns, 1) : others.Count > 0 ? others[others.Count / 2] : 0;
        var isSlow = against > 0 ? took >= TimesUsual * against : (late is { } delay && took >= 0.8 * delay) || (limit is { } given && took >= given);
        if (!isSlow || share < LeastShare || (slow is ToolStep { Failure: not null }))
        {
            return [];
        }

        return [Describe(context, run, slow, against, usual is { Count: >= FewestCalls } ? usual.Count : 0, others.Count, share, isLate, late)];
    }

    // A streamed model call lasts until the tools that it asked for have answered; their time is theirs.
    private static long OwnNs(AgentStep step)
    {
        var (own, until) = (step.Node.DurationNs, step.Node.StartNs);
        foreach (var tool in (step as ModelStep)?.Asked.Where(tool => tool.IsRecorded).OrderBy(tool => tool.Node.StartNs) ?? Enumerable.Empty<ToolStep>())
        {
            var (from, to) = (Math.Max(until, tool.Node.StartNs), Math.Min(step.Node.EndNs, tool.Node.EndNs));
            own -= Math.Max(0, to - from);
            until = Math.Max(until, to);
        }

        return own;
    }

    private static bool SaysLate(string problem) => ToolWords.Of(problem).Any(word => word is "late" or "slow" or "latency" or "delay" or "delayed" or "timeout" or "deadline" or "overdue");

    private static Finding Describe(
        DetectionContext context, AgentRun run, AgentStep slow, double against, long baseline, int others, double share, bool isLate, double? late)
    {
        var nested = slow.Node;
        while (nested.Children.Where(child => child.DurationNs >= ShareOfNested * slow.Node.DurationNs).MaxBy(child => child.DurationNs) is { } child && run.Find(child) is null)
        {
            nested = child;
        }

        var name = StepFindings.Say(slow);
        var usual = against > 0
            ? baseline > 0 ? Words.Invariant($", where 95 of 100 such calls took at most {Words.Duration(against)} before ({Words.Count(baseline, "call")})") : Words.Invariant($", where {(others == 1 ? "the other call of it" : "the other calls of it")} in this run took {Words.Duration(against)}")
            : "";
        var holds = nested != slow.Node ? $"; {Words.Name(nested.Tool)} below it took {Words.Duration(nested.DurationNs)} of that" : "";
        var consequence = late is { } delay ? $"; the run was {Words.Duration(delay)} late" : "";
        var blamed = nested != slow.Node && nested.Service is not null && run.OwnerOf(nested) is null ? nested : slow.Node;
        List<Fact> facts = [new(slow.Node.SpanId, $"{name} ran {Words.Between(slow.Node.StartNs, slow.Node.EndNs, "from ", " to ")}{(Words.IsUnknown(slow.Node.StartNs) ? "" : ", ")}{Words.Duration(slow.Node.DurationNs)}.", "/end_ts")];
        if (nested != slow.Node)
        {
            facts.Add(new(nested.SpanId, $"{Words.Name(nested.Tool)} below it took {Words.Duration(nested.DurationNs)}.", "/end_ts"));
        }

        return StepFindings.At(
            slow, "slow_step", "slow_step", isLate ? Proof.Time : Proof.Hint, isLate ? Strength + (against > 0 ? 0.2 : 0) : 0.5,
            $"{name} took {Words.Duration(OwnNs(slow))}{Words.At(slow.Node.StartNs)}, {Words.Percent(share)} of the run{usual}{holds}{consequence}.",
            facts, $"Give {name} a time limit that fits the run's deadline, and a fallback for when it is reached.", "slow_step", explains: slow.Run is null ? [] : [slow.Run]) with
        {
            Tool = blamed.Tool,
        };
    }
}
