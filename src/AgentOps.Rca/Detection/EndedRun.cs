using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Detection;

/// <summary>A run of an agent that has ended: its outermost span, and every span below it that was stored by then.</summary>
/// <param name="Root">The outermost <c>agent.run/…</c> span.</param>
/// <param name="Spans">The spans of the run, the root among them, by id.</param>
public sealed record EndedRun(Span Root, IReadOnlyList<Span> Spans)
{
    /// <summary>How long the run took.</summary>
    public TimeSpan Duration
    {
        get
        {
            var nanoseconds = EpochUnit.ToNanoseconds(Root.EndTs) - (Int128)EpochUnit.ToNanoseconds(Root.StartTs);
            return nanoseconds <= 0 ? TimeSpan.Zero : TimeSpan.FromTicks((long)(nanoseconds / TimeSpan.NanosecondsPerTick));
        }
    }

    /// <summary>The runs among these spans of one trace: each outermost one with the spans below it.</summary>
    internal static IEnumerable<EndedRun> In(IReadOnlyList<Span> trace)
    {
        var byId = trace.ToDictionary(span => span.SpanId, StringComparer.Ordinal);
        var owners = new Dictionary<string, Span?>(StringComparer.Ordinal);
        var groups = trace.Where(span => ToolNames.IsEvidence(span.Tool)).GroupBy(span => OwnerOf(span, byId, owners)?.SpanId);
        foreach (var group in groups)
        {
            if (group.Key is { } root)
            {
                yield return new EndedRun(byId[root], [.. group]);
            }
        }
    }

    /// <summary>Whether a span is the run of an agent.</summary>
    internal static bool IsRun(Span span) => span.Tool.StartsWith(ToolNames.AgentRunPrefix, StringComparison.Ordinal);

    // The outermost run on the way up. What was seen on the way is remembered; a cycle ends where it began.
    private static Span? OwnerOf(Span span, Dictionary<string, Span> byId, Dictionary<string, Span?> owners)
    {
        List<Span> way = [];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        Span? owner = null;
        for (Span? at = span; at is not null && seen.Add(at.SpanId); at = at.ParentId is { } parent ? byId.GetValueOrDefault(parent) : null)
        {
            if (owners.TryGetValue(at.SpanId, out owner))
            {
                break;
            }

            way.Add(at);
        }

        for (var i = way.Count - 1; i >= 0; i--)
        {
            owner ??= IsRun(way[i]) ? way[i] : null;
            owners[way[i].SpanId] = owner;
        }

        return owner;
    }
}
