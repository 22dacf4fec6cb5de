using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>
/// Where errors come from: the deepest call that failed, not the callers that passed its failure on. When the call was refused because
/// of what it was asked (bad arguments), the model call that led into it is the cause. Calls to different targets are different calls, though
/// their spans share a name.
/// </summary>
internal sealed class ErrorOriginDetector : IDetector
{
    private const int MostFacts = 5;

    // Failures are judged against the baseline where it knows the tool; where it does not, they weigh little.
    private const double UnknownToBaseline = 0.3;

    // What calls were made to is read span by span, so it is asked of so many only.
    private const int MostFailuresRead = 1_000;
    private const int MostLaterRead = 200;

    public async ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var origins = context.Spans.Nodes
            .Where(node => node.Failure is not null && !context.Flow.FailedBelow(node) && !context.IsOfAgents(node))
            .GroupBy(node => (node.Tool, ErrorClasses.CategoryOf(node.Failure!)));
        List<Finding> findings = [];
        foreach (var origin in origins)
        {
            List<SpanNode> failed = [.. origin];
            if (WeightOf(context, failed) is not { } weight || IsAnswer(context, origin.Key.Item2))
            {
                continue;
            }

            await context.Identity.LoadAsync(failed.Take(MostFailuresRead), cancellationToken).ConfigureAwait(false);
            foreach (var target in failed.GroupBy(context.Identity.ClassOf))
            {
                List<SpanNode> attempts = [.. target];
                var later = await LaterSuccessAsync(context, attempts[^1], cancellationToken).ConfigureAwait(false);
                if (later is null || !IsOvercome(context, attempts, later))
                {
                    var killed = MethodVersion.IsBefore(5) ? null : await KilledEvent.FindAsync(context.Case, attempts[0], cancellationToken).ConfigureAwait(false);
                    findings.Add(Describe(context, attempts, later, killed is { IsMemory: true } ? "out_of_memory" : origin.Key.Item2, weight, killed));
                }
            }
        }

        return findings;
    }

    // That there is no such record is an answer where agents asked, none of whose steps failed by it.
    private static bool IsAnswer(DetectionContext context, string category) =>
        !MethodVersion.IsBefore(5) && category == "not_found" && context.Run is { IsEmpty: false, Answer: not null } run && run.Steps.All(static step => step.Node.Failure is null);

    // A tool that asked again below the same call has its answer, and what failed there is no cause but of the time that it took.
    private static bool IsOvercome(DetectionContext context, List<SpanNode> attempts, SpanNode later) =>
        !MethodVersion.IsBefore(5) && context.Run is { } run && context.Case.Incident.EtaDeltaHours is not > 0
        && ToolAbove(run, later) is { Failure: null, Result: not null } tool && attempts.TrueForAll(node => ToolAbove(run, node) == tool);

    private static ToolStep? ToolAbove(AgentRun run, SpanNode node) => StepTree.StepAbove(node) is { } above ? run.Find(above) as ToolStep : null;

    // Null where the baseline knows such failures, or leaves them to the detectors that compare.
    private static double? WeightOf(DetectionContext context, List<SpanNode> failed)
    {
        var first = failed[0];
        if (context.Case.Baseline.SpanCount == 0)
        {
            return 1;
        }

        if (context.Case.Baseline.Tools.TryGetValue(first.Tool, out var usual) && usual.Count >= 3)
        {
            var more = ((double)failed.Count / context.Profile.NodesOf(first.Tool).Count) - ((double)usual.Failures / usual.Count);
            return first.Service is not null || more < 0.1 ? null : 1;
        }

        return first.Service is not null ? UnknownToBaseline : 1;
    }

    // Only a call of the same can have made it good; where nothing tells what two calls were made to, nothing is said.
    private static async ValueTask<SpanNode?> LaterSuccessAsync(DetectionContext context, SpanNode failed, CancellationToken cancellationToken)
    {
        var calls = context.Profile.NodesOf(failed.Tool);
        var (from, to) = (0, calls.Count);
        while (from < to)
        {
            var middle = (from + to) / 2;
            (from, to) = calls[middle].StartNs < failed.EndNs ? (middle + 1, to) : (from, middle);
        }

        var candidates = calls.Skip(from).Where(static node => node.Failure is null).Take(MostLaterRead).ToList();
        await context.Identity.LoadAsync(candidates.Append(failed), cancellationToken).ConfigureAwait(false);
        return candidates.Find(node => context.Identity.AreSame(failed, node) == true);
    }

    private static Finding Describe(DetectionContext context, List<SpanNode> failed, SpanNode? later, string category, double weight, KilledEvent? killed)
    {
        var first = failed[0];
        var until = later?.EndNs ?? failed[^1].EndNs;
        var share = Math.Clamp((double)(until - first.StartNs) / Math.Max(1, context.RunNs), 0, 1);
        var passedOn = first.Parent?.Failure is not null;
        var strength = weight * (1.6 + Math.Min(1, 0.3 * Math.Log2(failed.Count)) + (passedOn ? 0.4 : 0) + (failed.Count > 1 ? share : 0)
            - (later is not null && share < 0.05 ? 1 : 0));
        var model = context.Flow.ModelCallBefore(first);
        var blame = model is not null && ErrorClasses.IsCallersFault(category) ? model : first;
        var name = Words.Name(first.Tool) + context.Identity.Detail(failed);
        return new Finding
        {
            Kind = "error_origin",
            Category = category,
            Place = DetectionContext.PlaceOf(blame),
            Tool = blame.Tool,
            ErrorClass = first.Failure!.Type ?? category,
            Strength = strength,
            AtNs = first.StartNs,
            Cause = Sentence(failed, later, model, blame, category, name, killed),
            Recommendation = ErrorClasses.Advice(category, name),
            Factors = Factors(failed, later, first, name),
            Facts = Facts(context, failed, later, model, killed),
        };
    }

    private static string Sentence(List<SpanNode> failed, SpanNode? later, SpanNode? model, SpanNode blame, string category, string name, KilledEvent? killed)
    {
        var first = failed[0];
        var how = ErrorClasses.Describe(first.Failure!, category);
        var when = failed.Count == 1
            ? Words.At(Words.FailedNs(first))
            : Words.Between(Words.FailedNs(first), failed[^1].EndNs);
        var end = later is not null
            ? $"; {Again(later)} succeeded{Words.At(later.EndNs)}{Words.Passed(", ", first.StartNs, later.EndNs, " after the first attempt")}"
            : failed.Count > 1 ? "; none of these attempts succeeded" : "";
        end = killed is null ? end : $"; its event {Words.Name(killed.Name)} says “{Words.Short(killed.Text)}”{end}";
        return blame == first
            ? $"{name} failed {Words.Times(failed.Count)}{when} {how}{end}."
            : $"{Words.Name(model!.Tool)} led into a call that could not succeed: {name} failed {Words.Times(failed.Count)}{when} {how}{end}.";
    }

    // Without recorded arguments nobody knows whether it was the same.
    private static string Again(SpanNode later) => later.ArgsDigest is null ? "a later call of it" : "the same call";

    private static List<string> Factors(List<SpanNode> failed, SpanNode? later, SpanNode first, string name)
    {
        List<string> factors = [];
        if (failed.Count > 1)
        {
            var same = failed.Count(node => node.ArgsDigest is not null && node.ArgsDigest == first.ArgsDigest);
            factors.Add(same > 1
                ? $"{name} was tried {Words.Times(failed.Count)} with failures, {same} of them with the same arguments{Words.Passed(", over ", first.StartNs, (later ?? failed[^1]).EndNs)}."
                : $"{name} was tried {Words.Times(failed.Count)} with failures{Words.Passed(" over ", first.StartNs, (later ?? failed[^1]).EndNs)}.");
        }

        for (var caller = first.Parent; caller?.Failure is not null && factors.Count < 4; caller = caller.Parent)
        {
            factors.Add($"{Words.Name(caller.Tool)} passed the failure of {Words.Name(first.Tool)} on to its caller.");
        }

        return factors;
    }

    private static List<Fact> Facts(DetectionContext context, List<SpanNode> failed, SpanNode? later, SpanNode? model, KilledEvent? killed)
    {
        var first = failed[0];
        List<Fact> facts =
        [
            .. failed.Take(MostFacts).Select(node => new Fact(
                node.FailurePlace.SpanId,
                $"{Words.Name(node.Tool)}{context.Identity.Detail(node)} failed{Words.At(Words.FailedNs(node))} {ErrorClasses.Describe(node.Failure!, ErrorClasses.CategoryOf(node.Failure!))}.",
                node.FailurePlace.Pointer)),
        ];
        if (killed is not null)
        {
            facts.Add(new Fact(first.SpanId, $"Its event {Words.Name(killed.Name)} says “{Words.Short(killed.Text)}”.", killed.Pointer));
        }

        if (later is not null)
        {
            facts.Add(new Fact(later.SpanId, $"{(later.ArgsDigest is null ? $"A later call of {Words.Name(later.Tool)}{context.Identity.Detail(later)}" : "The same call")} succeeded{Words.At(later.EndNs)}.", "/end_ts"));
        }

        if (model is not null)
        {
            facts.Add(new Fact(model.SpanId, $"{Words.Name(model.Tool)} ran{Words.At(model.StartNs)}, the last model call before it.", "/tool"));
        }

        if (facts.Count == 1 && failed[0].Parent is { } caller)
        {
            facts.Add(new Fact(failed[0].SpanId, $"The call was made by {Words.Name(caller.Tool)}.", "/parent_id"));
        }

        return facts;
    }
}
