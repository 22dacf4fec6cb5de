using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>
/// Where errors come from: the deepest call that failed, not the callers that passed its failure on. When the call was refused because
/// of what it was asked (bad arguments), the model call that led into it is the cause.
/// </summary>
internal sealed class ErrorOriginDetector : IDetector
{
    private const int MostFacts = 5;

    // Failures are judged against the baseline where it knows the tool; where it does not, they weigh little.
    private const double UnknownToBaseline = 0.3;

    public ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var origins = context.Spans.Nodes
            .Where(node => node.Failure is not null && !context.Flow.FailedBelow(node) && !context.IsOfAgents(node))
            .GroupBy(node => (node.Tool, ErrorClasses.CategoryOf(node.Failure!)));
        return ValueTask.FromResult<IReadOnlyList<Finding>>(
            [.. origins.Select(origin => Describe(context, [.. origin], origin.Key.Item2)).OfType<Finding>()]);
    }

    private static Finding? Describe(DetectionContext context, List<SpanNode> failed, string category)
    {
        var first = failed[0];
        var weight = 1.0;
        if (context.Case.Baseline.SpanCount > 0)
        {
            if (context.Case.Baseline.Tools.TryGetValue(first.Tool, out var usual) && usual.Count >= 3)
            {
                var calls = context.Profile.NodesOf(first.Tool).Count;
                var more = ((double)failed.Count / calls) - ((double)usual.Failures / usual.Count);
                if (first.Service is not null || more < 0.1)
                {
                    return null;
                }
            }
            else if (first.Service is not null)
            {
                weight = UnknownToBaseline;
            }
        }

        var later = context.Profile.NodesOf(first.Tool).Find(node =>
            node.Failure is null && node.StartNs >= failed[^1].EndNs && node.ArgsDigest == failed[^1].ArgsDigest);
        var until = later?.EndNs ?? failed[^1].EndNs;
        var share = Math.Clamp((double)(until - first.StartNs) / Math.Max(1, context.RunNs), 0, 1);
        var passedOn = first.Parent?.Failure is not null;
        var strength = weight * (1.6 + Math.Min(1, 0.3 * Math.Log2(failed.Count)) + (passedOn ? 0.4 : 0) + (failed.Count > 1 ? share : 0)
            - (later is not null && share < 0.05 ? 1 : 0));
        var model = context.Flow.ModelCallBefore(first);
        var blame = model is not null && ErrorClasses.IsCallersFault(category) ? model : first;
        return new Finding
        {
            Kind = "error_origin",
            Category = category,
            Place = DetectionContext.PlaceOf(blame),
            Tool = blame.Tool,
            ErrorClass = first.Failure!.Type ?? category,
            Strength = strength,
            AtNs = first.StartNs,
            Cause = Sentence(failed, later, model, blame, category),
            Recommendation = ErrorClasses.Advice(category, first.Tool),
            Factors = Factors(failed, later, first),
            Facts = Facts(failed, later, model),
        };
    }

    private static string Sentence(List<SpanNode> failed, SpanNode? later, SpanNode? model, SpanNode blame, string category)
    {
        var first = failed[0];
        var how = ErrorClasses.Describe(first.Failure!, category);
        var when = failed.Count == 1
            ? $"at {Words.Clock(first.StartNs)}"
            : $"between {Words.Clock(first.StartNs)} and {Words.Clock(failed[^1].EndNs)}";
        var end = later is not null
            ? $"; {Again(later)} succeeded at {Words.Clock(later.EndNs)}, {Words.Duration(later.EndNs - first.StartNs)} after the first attempt"
            : failed.Count > 1 ? "; none of these attempts succeeded" : "";
        return blame == first
            ? $"{first.Tool} failed {Words.Times(failed.Count)} {when} {how}{end}."
            : $"{model!.Tool} led into a call that could not succeed: {first.Tool} failed {Words.Times(failed.Count)} {when} {how}{end}.";
    }

    // Without recorded arguments nobody knows whether it was the same.
    private static string Again(SpanNode later) => later.ArgsDigest is null ? "a later call of it" : "the same call";

    private static List<string> Factors(List<SpanNode> failed, SpanNode? later, SpanNode first)
    {
        List<string> factors = [];
        if (failed.Count > 1)
        {
            var same = failed.Count(node => node.ArgsDigest is not null && node.ArgsDigest == first.ArgsDigest);
            factors.Add(same > 1
                ? $"{first.Tool} was tried {Words.Times(failed.Count)} with failures, {same} of them with the same arguments, over {Words.Duration((later ?? failed[^1]).EndNs - first.StartNs)}."
                : $"{first.Tool} was tried {Words.Times(failed.Count)} with failures over {Words.Duration((later ?? failed[^1]).EndNs - first.StartNs)}.");
        }

        for (var caller = first.Parent; caller?.Failure is not null && factors.Count < 4; caller = caller.Parent)
        {
            factors.Add($"{caller.Tool} passed the failure of {first.Tool} on to its caller.");
        }

        return factors;
    }

    private static List<Fact> Facts(List<SpanNode> failed, SpanNode? later, SpanNode? model)
    {
        List<Fact> facts =
        [
            .. failed.Take(MostFacts).Select(node => new Fact(
                node.FailurePlace.SpanId,
                $"{node.Tool} failed at {Words.Clock(node.StartNs)} {ErrorClasses.Describe(node.Failure!, ErrorClasses.CategoryOf(node.Failure!))}.",
                node.FailurePlace.Pointer)),
        ];
        if (later is not null)
        {
            facts.Add(new Fact(later.SpanId, $"{(later.ArgsDigest is null ? "A later call of it" : "The same call")} succeeded at {Words.Clock(later.EndNs)}.", "/end_ts"));
        }

        if (model is not null)
        {
            facts.Add(new Fact(model.SpanId, $"{model.Tool} ran at {Words.Clock(model.StartNs)}, the last model call before it.", "/tool"));
        }

        if (facts.Count == 1 && failed[0].Parent is { } caller)
        {
            facts.Add(new Fact(failed[0].SpanId, $"The call was made by {caller.Tool}.", "/parent_id"));
        }

        return facts;
    }
}
