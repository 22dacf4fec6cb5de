using System.Globalization;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis;

/// <summary>Which spans a case is compared with.</summary>
/// <param name="Attempts">
/// The queries of each attempt. A later attempt reaches further back and is made only when the one before found too few calls.
/// </param>
/// <param name="Source">Where the spans come from, in a sentence's words.</param>
/// <param name="SameToolsOnly">Whether only calls of the case's tools, and what these call, are of interest.</param>
internal sealed record BaselineQueries(IReadOnlyList<IReadOnlyList<SpanQuery>> Attempts, string Source, bool SameToolsOnly = false)
{
    /// <summary>How many calls a baseline is made of at most, shared by the queries of an attempt.</summary>
    public const int MostCalls = 50_000;

    /// <summary>How many spans an attempt reads for that, the log records of the calls and what other tools do among them.</summary>
    public const int MostSpans = 4 * MostCalls;

    /// <summary>With so many calls of each of its tools, a case needs none that are older.</summary>
    public const int EnoughCalls = 30;

    // Recent spans tell best what is usual now; a run that is made once a day still finds the runs of a week.
    private static readonly TimeSpan FirstWindow = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LastWindow = TimeSpan.FromDays(7);
    private const int Growth = 6;
    private const int LengthsOfTheCase = 4;

    public static BaselineQueries For(SpanForest spans, RcaReference? reference)
    {
        if (reference?.IncidentIds is { Count: > 0 } incidents)
        {
            var ids = incidents.Distinct().ToList();
            return new BaselineQueries(
                [[.. ids.Select(id => new SpanQuery { IncidentId = id.ToString("D"), IsEvidence = true, Limit = MostSpans / ids.Count })]],
                string.Create(CultureInfo.InvariantCulture, $"the spans of {ids.Count} other incident{(ids.Count == 1 ? "" : "s")}"));
        }

        // Spans of one deployment share a unit; times are laid in the unit of the first one.
        var unit = spans.Nodes.Count == 0 ? 0 : EpochUnit.NanosecondsPerTick(spans.Nodes[0].StoredStartTs);
        if (reference is { FromTs: not null } or { ToTs: not null })
        {
            var range = new SpanQuery { FromTs = In(unit, reference.FromTs), ToTs = In(unit, reference.ToTs), IsEvidence = true, Limit = MostSpans };
            return new BaselineQueries([[range]], "the spans of the range of time that was given");
        }

        if (unit == 0)
        {
            return new BaselineQueries([], "");
        }

        var to = spans.Nodes[0].StoredStartTs;
        return new BaselineQueries(
            [
                .. Windows(spans).Select(window => (IReadOnlyList<SpanQuery>)
                    [new SpanQuery { WithoutIncident = true, FromTs = to - ((long)window.TotalNanoseconds / unit), ToTs = to, IsEvidence = true, Limit = MostSpans }]),
            ],
            "recent spans of the same tools that belong to no incident",
            SameToolsOnly: true);
    }

    private static IEnumerable<TimeSpan> Windows(SpanForest spans)
    {
        var length = TimeSpan.FromTicks((long)Math.Clamp(
            ((decimal)spans.Nodes.Max(node => node.EndNs) - spans.Nodes[0].StartNs) / TimeSpan.NanosecondsPerTick, 0, LastWindow.Ticks / LengthsOfTheCase));
        var window = FirstWindow > length * LengthsOfTheCase ? FirstWindow : length * LengthsOfTheCase;
        for (; window < LastWindow; window *= Growth)
        {
            yield return window;
        }

        yield return LastWindow;
    }

    // A range that is given in another unit than the spans have would match nothing, without a word.
    private static long? In(long unit, long? timestamp) => timestamp is not { } given || unit == 0 || EpochUnit.NanosecondsPerTick(given) == unit
        ? timestamp
        : EpochUnit.ToNanoseconds(given) / unit;
}
