using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Baselines;

/// <summary>Makes a <see cref="Baseline"/> of spans that are taken one by one.</summary>
public sealed class BaselineBuilder
{
    private readonly SpanForest.Builder _spans = new();

    /// <summary>Takes a span in.</summary>
    /// <param name="span">A span of a run in which nothing was wrong.</param>
    public void Add(Span span) => _spans.Add(span);

    /// <summary>The summary of all spans taken.</summary>
    /// <param name="source">Where they come from, in a sentence's words.</param>
    public Baseline Build(string source)
    {
        if (_spans.Count == 0)
        {
            return Baseline.Empty;
        }

        var profile = CallProfile.Of(_spans.Build());
        return new Baseline
        {
            Source = source,
            SpanCount = _spans.Count,
            RunMedianNs = profile.RunMedianNs,
            Links = profile.Links.ToDictionary(pair => pair.Key, pair => LatencySketch.Of(pair.Value)),
            Tools = profile.Tools.ToDictionary(pair => pair.Key, pair => Summarize(pair.Value)),
        };
    }

    private static ToolBaseline Summarize(ToolCalls calls)
    {
        var durations = calls.Nodes.Select(node => node.DurationNs).Order().ToList();
        return new ToolBaseline
        {
            Count = durations.Count,
            Failures = calls.Nodes.Count(node => node.Failure is not null),
            MedianNs = durations[durations.Count / 2],
            P95Ns = durations[(int)(durations.Count * 0.95)],
            MaxNs = durations[^1],
            Service = calls.Service,
            Self = LatencySketch.Of(calls.SelfNs),
            Calls = CallShapes.Of(calls.Nodes.Select(CallProfile.CalledTools)),
            Events = CallShapes.Of(calls.Nodes.Where((_, index) => calls.Observed[index]).Select(CallProfile.EventWords)),
        };
    }
}
