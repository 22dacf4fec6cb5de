using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Storage;

/// <summary>What the backends share in linking spans.</summary>
internal static class SpanLinks
{
    /// <summary>How many ids go to a database in one statement.</summary>
    public const int BatchSize = 1_000;

    /// <summary>The range of ids that the spans of a trace have: from the first, up to but without the second.</summary>
    public static (string From, string To) RangeOf(string traceId) => (traceId + ":", traceId + ";");

    /// <summary>The ids without repetitions, in the order in which every host takes the locks.</summary>
    public static IEnumerable<string[]> Split(IReadOnlyCollection<string> spanIds) =>
        spanIds.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Chunk(BatchSize);

    /// <summary>The result of a batch after its update.</summary>
    /// <param name="incidentId">The incident that was to be given.</param>
    /// <param name="ids">The ids of the batch.</param>
    /// <param name="linked">How many the update changed.</param>
    /// <param name="stored">The incident of each span that is stored.</param>
    public static SpanLinkResult Sum(string incidentId, string[] ids, int linked, IReadOnlyDictionary<string, string?> stored)
    {
        List<string> conflicts = [];
        List<string> unknown = [];
        var ours = 0;
        foreach (var id in ids)
        {
            if (!stored.TryGetValue(id, out var incident))
            {
                unknown.Add(id);
            }
            else if (incident == incidentId)
            {
                ours++;
            }
            else
            {
                conflicts.Add(id);
            }
        }

        return new SpanLinkResult(linked, Math.Max(0, ours - linked), conflicts, unknown);
    }
}
