using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>
/// The steps of a run in an order that is the same for the same run another time. Elsewhere steps that began in the same instant stand in the
/// order of their ids, which are made anew; here they stand by where they are in the run, what they are and what they say.
/// </summary>
internal static class SteadyOrder
{
    /// <summary>The steps in that order.</summary>
    /// <param name="steps">The steps by their start.</param>
    public static List<AgentStep> Of(IReadOnlyList<AgentStep> steps)
    {
        List<AgentStep> ordered = new(steps.Count);
        for (var from = 0; from < steps.Count;)
        {
            var to = from + 1;
            while (to < steps.Count && steps[to].Node.StartNs == steps[from].Node.StartNs)
            {
                to++;
            }

            var together = steps.Skip(from).Take(to - from);
            ordered.AddRange(to - from == 1 ? together : together
                .OrderBy(static step => Depth(step.Node))
                .ThenBy(static step => step.Name, StringComparer.Ordinal)
                .ThenBy(static step => StepValues.Inputs(step) is { } given ? CanonicalJson.TextOf(given) : null, StringComparer.Ordinal)
                .ThenBy(static step => StepValues.Outputs(step) is { } said ? CanonicalJson.TextOf(said) : null, StringComparer.Ordinal));
            from = to;
        }

        return ordered;
    }

    private static int Depth(SpanNode node)
    {
        var depth = 0;
        for (var at = node.Parent; at is not null; at = at.Parent)
        {
            depth++;
        }

        return depth;
    }
}
