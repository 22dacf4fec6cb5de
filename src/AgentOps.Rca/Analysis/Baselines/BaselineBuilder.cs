using System.Text.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Baselines;

/// <summary>Makes a <see cref="Baseline"/> of spans that are taken one by one.</summary>
internal sealed class BaselineBuilder
{
    /// <summary>How many calls of a tool are looked into for the form of its arguments.</summary>
    internal const int MostArguments = 20;

    private readonly SpanForest.Builder _spans = new();
    private readonly Dictionary<string, List<SortedDictionary<string, string>>> _arguments = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<SortedDictionary<string, string>>> _results = new(StringComparer.Ordinal);

    /// <summary>Whether a span of this id was taken in.</summary>
    /// <param name="spanId">The span's id.</param>
    internal bool Holds(string spanId) => _spans.Holds(spanId);

    /// <summary>Takes a span in.</summary>
    /// <param name="span">A span of a run in which nothing was wrong.</param>
    public void Add(Span span) => _spans.Add(span);

    /// <summary>Takes the arguments of a call in. Those that are no object are left out, and so are those of more than so many calls.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="arguments">Its arguments.</param>
    public void AddArguments(string tool, JsonElement arguments) => Add(_arguments, tool, arguments);

    /// <summary>Takes the result of a step in, out of its envelopes; as <see cref="AddArguments"/>.</summary>
    /// <param name="step">The step's <see cref="StepBaseline.KeyOf(SpanNode)"/>.</param>
    /// <param name="result">Its result.</param>
    internal void AddResult(string step, JsonElement result) => Add(_results, step, result);

    private static void Add(Dictionary<string, List<SortedDictionary<string, string>>> shapes, string tool, JsonElement value)
    {
        if (ArgumentShape.MembersOf(value) is { } members)
        {
            var samples = shapes.TryGetValue(tool, out var known) ? known : shapes[tool] = [];
            if (samples.Count < MostArguments)
            {
                samples.Add(members);
            }
        }
    }

    /// <summary>The summary of all spans taken.</summary>
    /// <param name="source">Where they come from, in a sentence's words.</param>
    public Baseline Build(string source)
    {
        var spans = _spans.Build();
        var calls = spans.Nodes.Count(static node => !node.IsLog);
        if (calls == 0)
        {
            return Baseline.Empty;
        }

        var profile = CallProfile.Of(spans);
        return new Baseline
        {
            Source = source,
            SpanCount = calls,
            RunMedianNs = profile.RunMedianNs,
            Links = profile.Links.ToDictionary(pair => pair.Key, pair => LatencySketch.Of(pair.Value)),
            Steps = StepBaseline.Of(spans, _results),
            Tools = profile.Tools.ToDictionary(pair => pair.Key, pair => Summarize(pair.Value, _arguments)),
        };
    }

    private static ToolBaseline Summarize(ToolCalls calls, Dictionary<string, List<SortedDictionary<string, string>>> arguments)
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
            Sequences = CallShapes.Of(calls.Nodes.Where((_, index) => calls.Observed[index]).Select(CallProfile.EventSteps)),
            Repeats = calls.Nodes.SelectMany(CallProfile.Repeats).GroupBy(repeat => repeat.Tool, StringComparer.Ordinal)
                .ToDictionary(tool => tool.Key, tool => tool.Max(repeat => repeat.Times), StringComparer.Ordinal),
            Arguments = arguments.TryGetValue(calls.Tool, out var samples) ? ArgumentShape.Of(samples) : null,
        };
    }
}
