using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Evals.Nezha;

/// <summary>Trivial methods, to see what a figure is worth.</summary>
internal static class NezhaReferences
{
    /// <summary>Services by how much the mean duration of their operations, all calls below included, grew.</summary>
    public static List<string> ByGrowth(IEnumerable<Span> incident, IEnumerable<Span> normal)
    {
        var usual = normal.GroupBy(span => span.Tool).ToDictionary(tool => tool.Key, tool => tool.Average(span => (double)(span.EndTs - span.StartTs)));
        return
        [
            .. incident.GroupBy(span => span.Tool).Where(tool => usual.ContainsKey(tool.Key))
                .Select(tool => (Service: ServiceOf(tool.Key), Growth: tool.Average(span => (double)(span.EndTs - span.StartTs)) - usual[tool.Key]))
                .GroupBy(tool => tool.Service).OrderByDescending(service => service.Max(tool => tool.Growth)).Select(service => service.Key),
        ];
    }

    /// <summary>Services in the order in which they first reported an error.</summary>
    public static List<string> ByFirstError(IEnumerable<Span> incident) =>
    [
        .. incident.Where(span => span.Attributes.TryGetProperty("events", out var events)
                && events.EnumerateArray().Any(item => item.GetProperty("message").GetString()!.Contains(" ERROR ", StringComparison.Ordinal)))
            .OrderBy(span => span.StartTs).Select(span => ServiceOf(span.Tool)).Distinct(),
    ];

    public static string ServiceOf(string tool) => tool.Split('/', 2)[0];
}
