using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Detection;

/// <summary>A run of an agent that has ended: its outermost span, and every span below it that was stored by then.</summary>
/// <param name="Root">The span of the run.</param>
/// <param name="Spans">The spans of the run, the root among them, by id.</param>
public sealed record EndedRun(Span Root, IReadOnlyList<Span> Spans)
{
    /// <summary>
    /// The spans of the request that the run served, those above it first; empty when there are none, or when the request served several runs.
    /// </summary>
    public IReadOnlyList<Span> Request { get; init; } = [];

    /// <summary>How long the run took.</summary>
    public TimeSpan Duration
    {
        get
        {
            var nanoseconds = EpochUnit.ToNanoseconds(Root.EndTs) - (Int128)EpochUnit.ToNanoseconds(Root.StartTs);
            return nanoseconds <= 0 ? TimeSpan.Zero : TimeSpan.FromTicks((long)(nanoseconds / TimeSpan.NanosecondsPerTick));
        }
    }

    /// <summary>The spans above the run, the nearest first.</summary>
    internal IEnumerable<Span> Callers
    {
        get
        {
            var byId = Request.ToDictionary(span => span.SpanId, StringComparer.Ordinal);
            for (var at = Root.ParentId; at is not null && byId.Remove(at, out var caller); at = caller.ParentId)
            {
                yield return caller;
            }
        }
    }

    /// <summary>The runs among these spans of one trace: each outermost one with the spans below it.</summary>
    /// <param name="trace">The spans.</param>
    /// <param name="kinds">What makes a span a run; null means what is known.</param>
    /// <param name="isOneTrace">Whether they are one trace, and not the spans of some time.</param>
    internal static IEnumerable<EndedRun> In(IReadOnlyList<Span> trace, RunKinds? kinds = null, bool isOneTrace = true) =>
        new RunGroups(trace, kinds ?? RunKinds.Known).Runs(isOneTrace);
}
