using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Baselines;

/// <summary>Makes a <see cref="Baseline"/> of spans that are taken one by one.</summary>
public sealed class BaselineBuilder
{
    // A tool's quantiles are stable long before this; more would only cost memory.
    private const int MostDurationsPerTool = 10_000;

    private readonly SortedDictionary<string, Calls> _tools = new(StringComparer.Ordinal);
    private long _count;

    /// <summary>Takes a span in.</summary>
    /// <param name="span">A span of a run in which nothing was wrong.</param>
    public void Add(Span span)
    {
        ArgumentNullException.ThrowIfNull(span);
        _count++;
        if (!_tools.TryGetValue(span.Tool, out var calls))
        {
            _tools.Add(span.Tool, calls = new Calls());
        }

        calls.Count++;
        calls.Failures += SpanFailure.Read(span.Attributes) is null ? 0 : 1;
        var duration = Math.Max(0, EpochUnit.ToNanoseconds(span.EndTs) - EpochUnit.ToNanoseconds(span.StartTs));
        calls.MaxNs = Math.Max(calls.MaxNs, duration);
        if (calls.DurationsNs.Count < MostDurationsPerTool)
        {
            calls.DurationsNs.Add(duration);
        }
    }

    /// <summary>The summary of all spans taken.</summary>
    /// <param name="source">Where they come from, in a sentence's words.</param>
    public Baseline Build(string source) => _count == 0
        ? Baseline.Empty
        : new Baseline { Source = source, SpanCount = _count, Tools = _tools.ToDictionary(pair => pair.Key, pair => pair.Value.Summarize()) };

    private sealed class Calls
    {
        public long Count { get; set; }

        public long Failures { get; set; }

        public long MaxNs { get; set; }

        public List<long> DurationsNs { get; } = [];

        public ToolBaseline Summarize()
        {
            DurationsNs.Sort();
            return new ToolBaseline
            {
                Count = Count,
                Failures = Failures,
                MedianNs = DurationsNs[DurationsNs.Count / 2],
                P95Ns = DurationsNs[(int)(DurationsNs.Count * 0.95)],
                MaxNs = MaxNs,
            };
        }
    }
}
