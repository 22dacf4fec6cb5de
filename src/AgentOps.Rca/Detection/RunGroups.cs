using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Detection;

/// <summary>
/// Finds the runs among the spans of a trace. A run is the outermost span of an agent with all below it. Where calls of tools and models stand
/// below none, what their service was asked is the run: an application may call both without a framework that says so.
/// </summary>
internal sealed class RunGroups
{
    private readonly RunKinds _kinds;
    private readonly List<Span> _spans;
    private readonly Dictionary<string, Span> _byId;
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);

    public RunGroups(IReadOnlyList<Span> trace, RunKinds kinds)
    {
        _kinds = kinds;
        _byId = trace.ToDictionary(span => span.SpanId, StringComparer.Ordinal);
        _spans = [.. trace.Where(span => ToolNames.IsEvidence(span.Tool))];
    }

    /// <summary>The runs.</summary>
    /// <param name="isOneTrace">Whether the spans are one trace; else only what stands above a span says what it belongs to.</param>
    public IEnumerable<EndedRun> Runs(bool isOneTrace)
    {
        var owned = _spans.ToDictionary(span => span.SpanId, span => PlaceOf(span).Run, StringComparer.Ordinal);
        foreach (var (root, below) in isOneTrace ? OpenRuns() : [])
        {
            below.ForEach(span => owned[span.SpanId] = root);
        }

        foreach (var (root, below) in isOneTrace ? UntoldRuns(owned) : [])
        {
            below.ForEach(span => owned[span.SpanId] = root);
        }

        var roots = owned.Values.OfType<Span>().DistinctBy(root => root.SpanId).ToList();
        if (isOneTrace && roots is [var only])
        {
            return [OnlyRun(only, owned)];
        }

        var groups = _spans.ToLookup(span => owned[span.SpanId]?.SpanId);
        return roots.Select(root => new EndedRun(root, [.. groups[root.SpanId]]));
    }

    // Calls whose caller was never stored can only be this run's.
    private EndedRun OnlyRun(Span root, Dictionary<string, Span?> owned)
    {
        var top = PlaceOf(root).Top.SpanId;
        List<Span> spans = [], request = [];
        foreach (var span in _spans)
        {
            if (owned[span.SpanId] is not null || (PlaceOf(span).Top is var lost && lost.SpanId != top && (RunKinds.IsStep(lost) || RunKinds.IsOuterRun(lost))))
            {
                spans.Add(span);
            }
            else if (PlaceOf(span).Top.SpanId == top)
            {
                request.Add(span);
            }
        }

        return new EndedRun(root, spans) { Request = request };
    }

    // Some SDKs never send the span above their run. What calls a model and tools, or runs agents, is more than a step of one.
    private IEnumerable<(Span Root, List<Span> Below)> OpenRuns() => _spans.Where(span => PlaceOf(span).IsOpen).GroupBy(span => PlaceOf(span).Top.SpanId)
        .Select(top => (Root: _byId[top.Key], Below: top.ToList()))
        .Where(top => !RunKinds.IsExecutor(top.Root)
            && (IsOfAgent(top.Below) || top.Below.Exists(span => span != top.Root && span.Tool.StartsWith(ToolNames.AgentRunPrefix, StringComparison.Ordinal))));

    private List<(Span Root, List<Span> Below)> UntoldRuns(Dictionary<string, Span?> owned)
    {
        var free = _spans.Where(span => owned[span.SpanId] is null).ToList();
        return free.Exists(RunKinds.IsModelCall) || free.Exists(RunKinds.IsSession)
            ? [.. free.Where(span => PlaceOf(span).Entry is not null).GroupBy(span => PlaceOf(span).Entry!.SpanId).Where(IsOfAgent).Select(entry => (_byId[entry.Key], entry.ToList()))]
            : [];
    }

    private static bool IsOfAgent(IEnumerable<Span> spans) =>
        (spans.Any(RunKinds.IsToolCall) && spans.Any(RunKinds.IsModelCall)) || spans.Any(RunKinds.IsSession);

    // What was seen on the way up is remembered; a cycle ends where it began.
    private Place PlaceOf(Span span)
    {
        List<Span> way = [];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        Place? found = null;
        for (Span? at = span; at is not null && seen.Add(at.SpanId); at = at.ParentId is { } parent ? _byId.GetValueOrDefault(parent) : null)
        {
            if (_places.TryGetValue(at.SpanId, out found))
            {
                break;
            }

            way.Add(at);
        }

        for (var i = way.Count - 1; i >= 0; i--)
        {
            found = Below(found, way[i]);
            _places[way[i].SpanId] = found;
        }

        return found!;
    }

    private Place Below(Place? above, Span span)
    {
        // Above a step of an agent whose caller is not stored yet, its run may still be on its way.
        var isOpen = above?.IsOpen ?? (span.ParentId is not null && RunKinds.IsOuterRun(span) && !_kinds.IsRun(span));
        return new Place(
            above?.Top ?? span,
            above?.Run ?? (_kinds.IsRun(span) || (!isOpen && RunKinds.IsOuterRun(span)) ? span : null),
            above?.Entry is { } entry && IsSameService(entry, span) ? entry : RunKinds.IsEntry(span) && !IsCall(span) ? span : null,
            isOpen);
    }

    private static bool IsCall(Span span) => RunKinds.IsToolCall(span) || RunKinds.IsModelCall(span);

    private static bool IsSameService(Span entry, Span span) =>
        RunKinds.ServiceOf(entry) is not { } one || RunKinds.ServiceOf(span) is not { } other || one == other;

    /// <summary>Where a span stands in its trace.</summary>
    /// <param name="Top">The topmost span above it that is stored, or itself.</param>
    /// <param name="Run">The outermost run above it, or itself, or null.</param>
    /// <param name="Entry">Where its service was asked, or null.</param>
    /// <param name="IsOpen">Whether a run above it may still be on its way.</param>
    private sealed record Place(Span Top, Span? Run, Span? Entry, bool IsOpen);
}
