using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>
/// Calls that do other things than usual: errors that are new, log statements and calls below that are missing, and more of either. A
/// change counts for the calls in which nothing deeper, in another service, changed as much: callers are explained by callees.
/// </summary>
internal sealed class StructureDetector : ISpansDetector
{
    private const double LeastChange = 0.1;
    private const double ExplainedFrom = 0.5;

    // A radian of change in a share tells as much as a growth of time by e²: both are then plain to the eye.
    private const double StrengthPerRadian = 2;

    public ValueTask<IReadOnlyList<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        if (context.Case.Baseline.SpanCount == 0)
        {
            return ValueTask.FromResult<IReadOnlyList<Finding>>([]);
        }

        var changes = Faults([.. StructureChanges.Of(context).Where(change => change.Size > LeastChange)]);
        var below = Below(context, changes);
        List<Finding> findings = [];
        foreach (var change in changes)
        {
            var origins = change.Affected.Where(node => below[node.Index] < ExplainedFrom * change.Size).ToList();
            var size = change.Size * origins.Count / change.Affected.Count;
            if (size > LeastChange)
            {
                findings.Add(change.Describe(size * StrengthPerRadian, origins, context.Case.Baseline));
            }
        }

        return ValueTask.FromResult<IReadOnlyList<Finding>>(findings);
    }

    // Where errors of the baseline went away, work that was cut off before is done again: more of it is no sign of trouble.
    private static List<StructureChange> Faults(List<StructureChange> changes)
    {
        var recovered = changes.Where(change => change.Kind == StructureChangeKind.Recovered).Select(change => change.Calls.Place)
            .ToHashSet(StringComparer.Ordinal);
        return
        [
            .. changes.Where(change => change.Kind switch
            {
                StructureChangeKind.Recovered => false,
                StructureChangeKind.NewEvent or StructureChangeKind.ExtraCall => !recovered.Contains(change.Calls.Place),
                _ => true,
            }),
        ];
    }

    // For each span the largest change among the spans below it that run in another place; two of different places are carried up, so
    // that a span's own place never hides another.
    private static double[] Below(DetectionContext context, List<StructureChange> changes)
    {
        var own = new double[context.Spans.Nodes.Count];
        foreach (var change in changes)
        {
            foreach (var node in change.Affected)
            {
                own[node.Index] = Math.Max(own[node.Index], change.Size);
            }
        }

        var best = new (string? Place, double Size)[own.Length];
        var second = new (string? Place, double Size)[own.Length];
        var below = new double[own.Length];
        var order = context.Flow.TopDown;
        for (var i = order.Count - 1; i >= 0; i--)
        {
            var node = order[i];
            var place = DetectionContext.PlaceOf(node);
            below[node.Index] = best[node.Index].Place == place ? second[node.Index].Size : best[node.Index].Size;
            if (node.Parent is { } parent)
            {
                Take(parent.Index, best[node.Index]);
                Take(parent.Index, second[node.Index]);
                Take(parent.Index, (place, own[node.Index]));
            }
        }

        return below;

        void Take(int at, (string? Place, double Size) found)
        {
            if (found.Size <= 0)
            {
                return;
            }

            if (found.Place == best[at].Place)
            {
                best[at].Size = Math.Max(best[at].Size, found.Size);
            }
            else if (found.Size > best[at].Size)
            {
                second[at] = best[at];
                best[at] = found;
            }
            else if (found.Size > second[at].Size)
            {
                second[at] = found;
            }
        }
    }
}
