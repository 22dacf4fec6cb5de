using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>The same call with the same arguments, again and again, although it did not fail: work that could not bring anything new.</summary>
internal sealed class LoopDetector : ISpansDetector
{
    private const int FewestCalls = 3;
    private const int MostFacts = 4;

    public ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var loops = RepeatedCalls.Of(context.Spans.Nodes, FewestCalls, node => node is { Failure: null, Service: null } && !context.IsOfAgents(node));
        return ValueTask.FromResult<IReadOnlyList<Finding>>([.. loops.Select(loop => Describe(context, loop))]);
    }

    private static Finding Describe(DetectionContext context, List<SpanNode> calls)
    {
        var (first, last) = (calls[0], calls[^1]);
        var results = calls.Where(node => node.ResultDigest is not null).Select(node => node.ResultDigest).Distinct().Count();
        var sameResult = results == 1 && calls.TrueForAll(node => node.ResultDigest is not null);
        var model = context.Flow.ModelCallBefore(last);
        var outcome = sameResult ? ", each time with the same result" : results > 1 ? Words.Invariant($", with {results} different results") : "";
        return new Finding
        {
            Kind = "loop",
            Category = "loop",
            Place = DetectionContext.PlaceOf(first),
            Tool = first.Tool,
            ErrorClass = "repeated_call",
            Strength = 1.5 + Math.Min(1.5, 0.5 * Math.Log2(calls.Count / 2.0)) + (sameResult ? 0.4 : 0),
            AtNs = first.StartNs,
            Cause = $"{Words.Name(first.Tool)} was called {Words.Times(calls.Count)} with the same arguments{Words.Between(first.StartNs, last.EndNs)}{outcome}: "
                + $"a loop{(results > 1 ? "" : " that brought nothing new")}{Words.Passed(results > 1 ? " of " : " in ", first.StartNs, last.EndNs)}{(model is null ? "" : $", driven by {Words.Name(model.Tool)}")}.",
            Recommendation = $"Stop the run when {Words.Name(first.Tool)} is about to be called with arguments it has already answered, and give the model the earlier result and a limit of steps.",
            Factors = model is null ? [] : [$"{Words.Name(model.Tool)} asked for the same call again after it had the answer."],
            Facts = Facts(calls, model, sameResult),
        };
    }

    private static List<Fact> Facts(List<SpanNode> calls, SpanNode? model, bool sameResult)
    {
        IEnumerable<SpanNode> shown = calls.Count <= MostFacts ? calls : calls.Take(MostFacts - 1).Append(calls[^1]);
        List<Fact> facts = [.. shown.Select(node =>
            new Fact(node.SpanId, $"{Words.Name(node.Tool)} was called{Words.At(node.StartNs)} with these arguments.", "/args_digest"))];
        if (sameResult)
        {
            facts.Add(new Fact(calls[^1].SpanId, "The last call had the same result as the first.", "/result_digest"));
        }

        if (model is not null)
        {
            facts.Add(new Fact(model.SpanId, $"{Words.Name(model.Tool)} ran{Words.At(model.StartNs)}, the model call before the last repetition.", "/tool"));
        }

        return facts;
    }
}
