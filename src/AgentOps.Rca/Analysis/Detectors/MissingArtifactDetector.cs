using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>Arguments and results that spans name but that were never stored, tool by tool.</summary>
internal sealed class MissingArtifactDetector : ISpansDetector
{
    private const int MostFacts = 2;

    public ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (context.Case.MissingArtifacts.Count == 0)
        {
            return ValueTask.FromResult<IReadOnlyList<Finding>>([]);
        }

        var tools = new Dictionary<string, Tally>(StringComparer.Ordinal);
        foreach (var node in context.Spans.Nodes)
        {
            Count(node, node.ArgsNumber, "/args_digest");
            Count(node, node.ResultNumber, "/result_digest");
        }

        return ValueTask.FromResult<IReadOnlyList<Finding>>([.. tools.Values.Select(Describe)]);

        void Count(SpanNode node, int number, string pointer)
        {
            if (!context.Case.IsMissing(number))
            {
                return;
            }

            if (!tools.TryGetValue(node.Tool, out var tally))
            {
                tools.Add(node.Tool, tally = new Tally(node));
            }

            tally.Count++;
            if (tally.Facts.Count < MostFacts)
            {
                tally.Facts.Add(new Fact(node.SpanId, "The artifact named here is not stored.", pointer));
            }
        }
    }

    private static Finding Describe(Tally tally)
    {
        var first = tally.First;
        return new Finding
        {
            Kind = "missing_artifact",
            Category = "missing_evidence",
            Place = DetectionContext.PlaceOf(first),
            Tool = first.Tool,
            ErrorClass = "missing_artifact",
            Strength = 0.4,
            AtNs = first.StartNs,
            Cause = $"{Words.Count(tally.Count, "argument or result", "arguments or results")} of {Words.Name(first.Tool)} {(tally.Count == 1 ? "is" : "are")} named but not stored{Words.FirstAt(first.StartNs)}.",
            Recommendation = $"Store what {Words.Name(first.Tool)} is given and returns before its span is sent.",
            Facts = tally.Facts,
        };
    }

    private sealed class Tally(SpanNode first)
    {
        public SpanNode First { get; } = first;

        public int Count { get; set; }

        public List<Fact> Facts { get; } = [];
    }
}
