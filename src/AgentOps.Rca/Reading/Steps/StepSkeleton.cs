using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Reading;

/// <summary>
/// Which spans are steps of agents, in the order in which they began, however many: by the rules of <see cref="StepTree"/>, which looks at
/// a case that is in memory whole.
/// </summary>
internal sealed class StepSkeleton
{
    private readonly SpanTable _table;
    private readonly int[] _nearest;
    private readonly HashSet<int> _wrappers;
    private readonly Dictionary<int, int> _halves;

    private StepSkeleton(SpanTable table, int[] steps, int[] nearest, HashSet<int> wrappers, Dictionary<int, int> halves, Dictionary<StepKind, int> counts)
    {
        _table = table;
        _nearest = nearest;
        _wrappers = wrappers;
        _halves = halves;
        Steps = steps;
        Counts = counts;
    }

    /// <summary>The places of the steps in the table.</summary>
    public int[] Steps { get; }

    /// <summary>How many there are of each kind.</summary>
    public IReadOnlyDictionary<StepKind, int> Counts { get; }

    /// <summary>How many steps failed, as their spans say.</summary>
    public int Failed => field == 0 ? field = Steps.Count(step => _table.Flags[step].HasFlag(SpanMarks.Failed)) : field;

    /// <summary>The other halves of calls, each with the step that stands for both.</summary>
    public IReadOnlyDictionary<int, int> Halves => _halves;

    /// <summary>Finds the steps of a run.</summary>
    /// <param name="table">Its spans.</param>
    public static StepSkeleton Of(SpanTable table)
    {
        var kinds = table.Tools.Select(StepTree.KindOf).ToArray();
        var nearest = new int[table.Count];
        foreach (var span in table.ByRank)
        {
            var parent = table.Parent[span];
            nearest[span] = parent == SpanTable.None ? SpanTable.None : kinds[table.Tool[parent]] != StepKind.None ? parent : nearest[parent];
        }

        HashSet<int> wrappers = [];
        for (var span = 0; span < table.Count; span++)
        {
            if (kinds[table.Tool[span]] == StepKind.Model && nearest[span] is not SpanTable.None and var above && kinds[table.Tool[above]] == StepKind.Model)
            {
                wrappers.Add(above);
            }
        }

        List<int> steps = [];
        Dictionary<int, int> halves = [];
        Dictionary<StepKind, int> counts = [];
        for (var span = 0; span < table.Count; span++)
        {
            var kind = kinds[table.Tool[span]];
            if (kind == StepKind.None || wrappers.Contains(span))
            {
                continue;
            }

            if (kind == StepKind.Tool && nearest[span] is not SpanTable.None and var outer && table.Tool[outer] == table.Tool[span])
            {
                halves[span] = halves.GetValueOrDefault(outer, outer);
                continue;
            }

            steps.Add(span);
            counts[kind] = counts.GetValueOrDefault(kind) + 1;
        }

        return new StepSkeleton(table, [.. steps], nearest, wrappers, halves, counts);
    }

    /// <summary>The step that a span is below, or <see cref="SpanTable.None"/>.</summary>
    /// <param name="span">The span's place.</param>
    public int Above(int span)
    {
        for (var at = _nearest[span]; at != SpanTable.None; at = _nearest[at])
        {
            if (_halves.TryGetValue(at, out var step))
            {
                return step;
            }

            if (!_wrappers.Contains(at))
            {
                return at;
            }
        }

        return SpanTable.None;
    }

    /// <summary>The step that a span records, is the other half of, or is part of; or <see cref="SpanTable.None"/>.</summary>
    /// <param name="span">The span's place.</param>
    public int OwnerOf(int span) => PlaceOf(span) >= 0 ? span : _halves.TryGetValue(span, out var step) ? step : Above(span);

    /// <summary>How many steps lie above a step.</summary>
    /// <param name="step">The step's place in the table.</param>
    public int DepthOf(int step)
    {
        var depth = 0;
        for (var at = Above(step); at != SpanTable.None; at = Above(at))
        {
            depth++;
        }

        return depth;
    }

    /// <summary>The place of a step among <see cref="Steps"/>, or a negative number.</summary>
    /// <param name="span">Its place in the table.</param>
    public int PlaceOf(int span) => Array.BinarySearch(Steps, span);
}
