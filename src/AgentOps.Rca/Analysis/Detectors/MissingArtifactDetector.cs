using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>Arguments and results that spans name but that were never stored, tool by tool.</summary>
internal sealed class MissingArtifactDetector : IDetector
{
    public ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        var missing = context.Case.MissingArtifacts;
        if (missing.Count == 0)
        {
            return ValueTask.FromResult<IReadOnlyList<Finding>>([]);
        }

        var places = context.Spans.Nodes
            .SelectMany(node => new[] { (node, node.ArgsDigest, Pointer: "/args_digest"), (node, node.ResultDigest, Pointer: "/result_digest") })
            .Where(at => at.Item2 is { } digest && missing.Contains(digest))
            .GroupBy(at => at.node.Tool, StringComparer.Ordinal);
        return ValueTask.FromResult<IReadOnlyList<Finding>>(
        [
            .. places.Select(tool =>
            {
                var at = tool.ToList();
                var first = at[0].node;
                return new Finding
                {
                    Kind = "missing_artifact",
                    Category = "missing_evidence",
                    Place = DetectionContext.PlaceOf(first),
                    Tool = first.Tool,
                    ErrorClass = "missing_artifact",
                    Strength = 0.4,
                    AtNs = first.StartNs,
                    Cause = Words.Invariant($"{at.Count} arguments or results of {first.Tool} are named but not stored, the first at {Words.Clock(first.StartNs)}."),
                    Recommendation = $"Store what {first.Tool} is given and returns before its span is sent.",
                    Facts = [.. at.Take(2).Select(place => new Fact(place.node.SpanId, "The artifact named here is not stored.", place.Pointer))],
                };
            }),
        ]);
    }
}
