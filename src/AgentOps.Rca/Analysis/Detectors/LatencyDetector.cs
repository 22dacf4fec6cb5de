using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>
/// Calls that take longer than usual: the time they spend themselves, and the time between a caller and a service it calls. The growth
/// is the logarithm of the ratio of quantiles, the lower bound of now over the upper bound of before, so that a few odd calls say
/// nothing. Time between services is blamed on the callee, unless most services that the caller calls got slower alike: then on it.
/// </summary>
internal sealed class LatencyDetector : ISpansDetector
{
    private const int FewestCalls = 3;
    private const double LeastGrowth = 0.1;

    // What a twentieth of a whole run's usual time would not notice is no trouble, however much it grew.
    private const double NegligibleShareOfRun = 0.05;

    // What only the slowest few calls show tells half as much as what all of them show.
    private const double WeightOfTail = 0.5;
    private static readonly double[] Quantiles = [0.5, 0.75, 0.9];

    public ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        var baseline = context.Case.Baseline;
        if (baseline.SpanCount > 0)
        {
            var negligible = NegligibleShareOfRun * baseline.RunMedianNs;
            foreach (var calls in context.Profile.Tools.Values)
            {
                if (baseline.Tools.TryGetValue(calls.Tool, out var usual)
                    && Compare(WholeCalls(calls, usual), usual.Self, negligible) is { Log: > LeastGrowth } growth)
                {
                    findings.Add(Describe(calls.Tool, calls.Place, "self_time", $"{Words.Name(calls.Tool)} itself", calls.Nodes, growth, baseline, calls.SelfNs.Count));
                }
            }

            findings.AddRange(Links(context, negligible));
        }

        return ValueTask.FromResult<IReadOnlyList<Finding>>(findings);
    }

    // A call that made only part of the calls it is known to make was cut short, or their spans were lost: its self time would hold what
    // others did. That it is cut short is for the structure to tell.
    private static List<long> WholeCalls(ToolCalls calls, ToolBaseline usual)
    {
        if (usual.Calls.Words.Count == 0)
        {
            return calls.SelfNs;
        }

        var known = usual.Calls.Shapes.Select(shape => shape.Words.Select(place => usual.Calls.Words[place]).ToHashSet(StringComparer.Ordinal)).ToList();
        var partial = new Dictionary<string, bool>(StringComparer.Ordinal);
        var whole = new List<long>(calls.SelfNs.Count);
        for (var i = 0; i < calls.SelfOf.Count; i++)
        {
            var called = CallProfile.CalledTools(calls.SelfOf[i]);
            var key = called.Count == 1 ? called[0] : string.Join('\n', called);
            if (!partial.TryGetValue(key, out var isPart))
            {
                isPart = !known.Exists(shape => shape.SetEquals(called)) && known.Exists(shape => shape.IsSupersetOf(called));
                partial.Add(key, isPart);
            }

            if (!isPart)
            {
                whole.Add(calls.SelfNs[i]);
            }
        }

        return whole;
    }

    private static IEnumerable<Finding> Links(DetectionContext context, double negligible)
    {
        var baseline = context.Case.Baseline;
        var links = context.Profile.Links
            .Where(link => baseline.Links.ContainsKey(link.Key))
            .Select(link => (Ends: link.Key.Split('→'), link.Value, Growth: Compare(link.Value, baseline.Links[link.Key], negligible)))
            .Where(link => link.Growth is not null)
            .GroupBy(link => link.Ends[0], StringComparer.Ordinal);
        foreach (var caller in links)
        {
            var logs = caller.Select(link => link.Growth!.Value.Log).Order().ToList();
            var own = logs.Count < 2 ? 0 : logs[(logs.Count - 1) / 2];
            if (own > LeastGrowth)
            {
                var link = caller.OrderBy(link => link.Growth!.Value.Log).ElementAt((logs.Count - 1) / 2);
                yield return Describe(
                    ToolOf(context, caller.Key), caller.Key, "slow_calls_out", $"The way from {Words.Name(caller.Key)} to most services it calls",
                    NodesBetween(context, link.Ends), link.Growth!.Value, baseline, link.Value.Count);
            }

            foreach (var link in caller.Where(link => link.Growth!.Value.Log - own > LeastGrowth))
            {
                yield return Describe(
                    ToolOf(context, link.Ends[1]), link.Ends[1], "slow_calls_in", $"The way from {Words.Name(link.Ends[0])} to {Words.Name(link.Ends[1])}",
                    NodesBetween(context, link.Ends), link.Growth!.Value with { Log = link.Growth.Value.Log - own }, baseline, link.Value.Count);
            }
        }
    }

    private static Growth? Compare(List<long> now, LatencySketch usual, double negligible)
    {
        var usualCount = usual.Count();
        if (now.Count < FewestCalls || usualCount < FewestCalls)
        {
            return null;
        }

        var sorted = now.Select(LatencySketch.Round).Order().ToList();
        var best = new Growth(0, 0.5, sorted[sorted.Count / 2], usual.Quantile(0.5), 0);
        List<(double Log, double Calls)> growths = [];
        foreach (var quantile in Quantiles)
        {
            var low = At(sorted, Proportions.Ranks(quantile, now.Count).Low);
            var high = usual.Quantile(Proportions.Ranks(quantile, usualCount).High);
            var log = Math.Log((low + negligible + 1) / (high + negligible + 1));
            growths.Add((log, 2 * (1 - quantile) * now.Count));
            if (log > best.Log)
            {
                best = new Growth(log, quantile, At(sorted, quantile), usual.Quantile(quantile), 0);
            }
        }

        // A growth that only the slowest tenth shows rests on few calls, and one stall makes it; one that the middle shows rests on all.
        var showing = growths.Where(growth => growth.Log >= best.Log / 2).Select(growth => growth.Calls).DefaultIfEmpty().Max();
        return best with { Calls = (int)showing, Log = best.Log * (WeightOfTail + ((1 - WeightOfTail) * showing / now.Count)) };
    }

    private static double At(List<double> sorted, double rank)
    {
        var place = rank * (sorted.Count - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Count - 1);
        return sorted[below] + ((sorted[above] - sorted[below]) * (place - below));
    }

    private static string ToolOf(DetectionContext context, string service) =>
        context.Profile.Tools.Values.Where(calls => calls.Service == service).MaxBy(calls => calls.Nodes.Count)?.Tool ?? service;

    private static List<SpanNode> NodesBetween(DetectionContext context, string[] ends) =>
        [.. context.Spans.Nodes.Where(node => node.Service == ends[0] && node.Children.Any(child => child.Service == ends[1]))];

    private static Finding Describe(
        string tool, string place, string kind, string what, List<SpanNode> nodes, Growth growth, Baseline baseline, int sample)
    {
        var slowest = nodes.MaxBy(node => node.DurationNs)!;
        var numbers = Words.Invariant($"{Words.Percent(growth.Quantile)} of {sample} calls stayed below {Words.Duration(growth.Now)}, before it was {Words.Duration(growth.Usual)}");
        return new Finding
        {
            Kind = kind,
            Category = "slow",
            Place = place,
            Tool = tool,
            ErrorClass = kind,
            Strength = growth.Log,
            Sample = growth.Calls,
            AtNs = slowest.StartNs,
            Cause = $"{what} got slower: {numbers}.",
            Recommendation = kind == "self_time"
                ? $"Look at what {Words.Name(place)} was short of (processor, locks, its own dependencies) while {Words.Name(tool)} was slow."
                : $"Look at the network and the load of {Words.Name(place)}.",
            Facts =
            [
                new Fact(slowest.SpanId, $"The slowest such call, {Words.Name(slowest.Tool)}, took {Words.Duration(slowest.DurationNs)} and started{Words.At(slowest.StartNs)}.", "/start_ts"),
                new Fact(slowest.SpanId, $"It ended{Words.At(slowest.EndNs)}; compared with {baseline.SpanCount} spans of the baseline.", "/end_ts"),
            ],
        };
    }

    private readonly record struct Growth(double Log, double Quantile, double Now, double Usual, int Calls);
}
