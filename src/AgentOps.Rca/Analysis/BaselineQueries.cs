using System.Globalization;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis;

/// <summary>Which spans a case is compared with.</summary>
internal static class BaselineQueries
{
    /// <summary>How many calls each query may give.</summary>
    public const int MostCalls = 50_000;

    /// <summary>How many spans are read for that, the log records of the calls among them.</summary>
    public const int MostSpans = 4 * MostCalls;

    private static readonly TimeSpan DefaultWindow = TimeSpan.FromHours(1);

    public static (IReadOnlyList<SpanQuery> Queries, string Source) For(SpanForest spans, RcaReference? reference)
    {
        if (reference?.IncidentIds is { Count: > 0 } incidents)
        {
            var queries = incidents.Distinct()
                .Select(id => new SpanQuery { IncidentId = id.ToString("D"), IsEvidence = true, Limit = MostSpans })
                .ToList();
            return (queries, string.Create(CultureInfo.InvariantCulture, $"the spans of {incidents.Count} other incident{(incidents.Count == 1 ? "" : "s")}"));
        }

        if (reference is { FromTs: not null } or { ToTs: not null })
        {
            var range = new SpanQuery { FromTs = reference.FromTs, ToTs = reference.ToTs, IsEvidence = true, Limit = MostSpans };
            return ([range], "the spans of the range of time that was given");
        }

        if (spans.Nodes.Count == 0)
        {
            return ([], "");
        }

        // Spans of one deployment share a unit; the window is laid in the unit of the first one.
        var unit = EpochUnit.NanosecondsPerTick(spans.Nodes[0].StoredStartTs);
        var to = spans.Nodes[0].StoredStartTs;
        var from = to - ((long)DefaultWindow.TotalNanoseconds / unit);
        var recent = new SpanQuery { WithoutIncident = true, FromTs = from, ToTs = to, IsEvidence = true, Limit = MostSpans };
        return ([recent], "the spans of the hour before that belong to no incident");
    }
}
