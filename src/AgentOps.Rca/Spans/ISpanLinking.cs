namespace AgentOps.Rca.Spans;

/// <summary>Gives spans that came without an incident their incident, with what their calls logged.</summary>
public interface ISpanLinking
{
    /// <summary>Links spans and traces to an incident that is there. Repeating the call is safe.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="traceIds">Traces: all their spans are linked.</param>
    /// <param name="spanIds">Spans.</param>
    /// <param name="cancellationToken">Cancels the call; what was linked is then unknown.</param>
    /// <exception cref="StoreUnavailableException">The store cannot be reached, or cannot link at all.</exception>
    ValueTask<SpanLinkingResult> LinkAsync(
        Guid incidentId, IReadOnlyCollection<string> traceIds, IReadOnlyCollection<string> spanIds, CancellationToken cancellationToken = default);
}

/// <summary>What became of spans and traces that were to be linked. Of the ids at most 1,000 of a kind are named.</summary>
/// <param name="Linked">How many spans got the incident by this call.</param>
/// <param name="AlreadyLinked">How many had it before.</param>
/// <param name="ConflictCount">How many belong to another incident, which stays.</param>
/// <param name="Conflicts">The ids of those.</param>
/// <param name="UnknownSpans">Ids under which no span is stored.</param>
/// <param name="UnknownTraces">Traces of which no span is stored.</param>
public sealed record SpanLinkingResult(
    long Linked,
    long AlreadyLinked,
    long ConflictCount,
    IReadOnlyList<string> Conflicts,
    IReadOnlyList<string> UnknownSpans,
    IReadOnlyList<string> UnknownTraces);
