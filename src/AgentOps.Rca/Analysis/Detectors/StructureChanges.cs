using AgentOps.Rca.Analysis.Baselines;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>
/// Compares what the calls of each tool do with the baseline. Errors that appear and steps that disappear are what faults look like.
/// More of something else is mostly other work, and a step that disappears while another known one takes its place is another branch:
/// both weigh little.
/// </summary>
internal static class StructureChanges
{
    private const int FewestCalls = 3;
    private const double OtherWork = 0.3;
    private const double OtherBranch = 0.3;

    public static IEnumerable<StructureChange> Of(DetectionContext context)
    {
        var baseline = context.Case.Baseline;
        var usualEvents = baseline.Tools.Values.Where(tool => tool.Events.Words.Count > 0)
            .Select(tool => tool.Service ?? "").ToHashSet(StringComparer.Ordinal);
        var events = context.Profile.Tools.Values.Where(calls => calls.Nodes.Exists(node => node.Events.Count > 0))
            .Select(calls => calls.Service ?? "").ToHashSet(StringComparer.Ordinal);
        foreach (var calls in context.Profile.Tools.Values)
        {
            if (!baseline.Tools.TryGetValue(calls.Tool, out var usual) || usual.Count < FewestCalls || calls.Nodes.Count < FewestCalls)
            {
                continue;
            }

            foreach (var change in OfCalls(calls, usual))
            {
                yield return change;
            }

            // A service that recorded no events on one of the two sides says nothing by their absence.
            var service = calls.Service ?? "";
            var bothRecorded = events.Contains(service) && usualEvents.Contains(service);
            foreach (var change in OfEvents(calls, usual, bothRecorded))
            {
                yield return change;
            }
        }
    }

    private static IEnumerable<StructureChange> OfCalls(ToolCalls calls, ToolBaseline usual)
    {
        var now = new WordCounts(calls.Nodes, CallProfile.CalledTools, IsErrorHandler);
        var before = new WordCounts(usual.Calls, IsErrorHandler);
        foreach (var change in Words(calls, now, before, IsErrorHandler, StructureChangeKind.MissingCall, StructureChangeKind.ExtraCall))
        {
            yield return change;
        }

        // Calls that stop before the end: a part of a known set of calls that was never seen alone.
        foreach (var (shape, nodes) in now.Shapes)
        {
            if (!before.Shapes.ContainsKey(shape) && before.Sets.Any(known => IsPart(shape.Words, known)))
            {
                var size = Proportions.Change(nodes.Count, now.Total, 0, before.Total);
                yield return new StructureChange(
                    calls, StructureChangeKind.Truncated, shape.Key, size, nodes, nodes.Count, now.Total, 0, before.Total);
            }
        }
    }

    private static IEnumerable<StructureChange> OfEvents(ToolCalls calls, ToolBaseline usual, bool bothRecorded)
    {
        var observed = calls.Nodes.Where((_, index) => calls.Observed[index]).ToList();
        var now = new WordCounts(observed, CallProfile.EventWords, IsError);
        var before = new WordCounts(usual.Events, IsError);
        if (now.Total < FewestCalls || before.Total < FewestCalls)
        {
            return [];
        }

        var changes = Words(calls, now, before, IsError, StructureChangeKind.MissingEvent, StructureChangeKind.NewEvent);
        return bothRecorded ? changes : changes.Where(change => change.Word == CallProfile.Failed);
    }

    private static IEnumerable<StructureChange> Words(
        ToolCalls calls, WordCounts now, WordCounts before, Func<string, bool> isError, StructureChangeKind missing, StructureChangeKind extra)
    {
        foreach (var word in now.Words.Keys.Union(before.Words.Keys).Order(StringComparer.Ordinal))
        {
            var hits = now.Words.GetValueOrDefault(word);
            var usualHits = before.Words.GetValueOrDefault(word);
            var change = Proportions.Change(hits, now.Total, usualHits, before.Total);
            if (change > 0)
            {
                var weight = isError(word) ? 1 : OtherWork;
                yield return new StructureChange(
                    calls, isError(word) ? StructureChangeKind.NewError : extra, word, weight * change, now.With(word), hits, now.Total, usualHits, before.Total);
            }
            else if (change < 0 && isError(word))
            {
                yield return new StructureChange(calls, StructureChangeKind.Recovered, word, -change, [], hits, now.Total, usualHits, before.Total);
            }
            else if (change < 0 && now.Without(word) is { Count: > 0 } without)
            {
                var cut = now.CutShort(word, before);
                var share = (double)cut / without.Count;
                var weight = share + ((1 - share) * OtherBranch);
                yield return new StructureChange(
                    calls, missing, word, -change * weight, without, hits, now.Total, usualHits, before.Total);
            }
        }
    }

    internal static bool IsPart(IReadOnlySet<string> part, IReadOnlySet<string> whole) => part.Count < whole.Count && part.IsSubsetOf(whole);

    private static bool IsError(string word) => word[0] == CallProfile.ErrorMark;

    // Frameworks answer a failed call through a handler of their own; its name is all that shows it.
    private static bool IsErrorHandler(string tool) => tool.Contains("error", StringComparison.OrdinalIgnoreCase);
}
