namespace AgentOps.Rca.Spans;

/// <summary>
/// What a store of spans can do besides <see cref="ISpanStore"/>: find the spans of a trace, and give spans that came without an
/// incident their incident later. An incident, once given, never changes.
/// </summary>
public interface ISpanLinker
{
    /// <summary>
    /// Lists the spans of a trace by their id (bytes of UTF-8): those whose id is <c>trace_id:span_id</c>. Memory stays flat.
    /// </summary>
    /// <param name="traceId">The trace: what stands before the colon.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    IAsyncEnumerable<Span> ListTraceAsync(string traceId, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gives each of these spans the incident unless it has one. Repeating the call is safe, and so is sending the span again as it
    /// first came: it counts as a duplicate.
    /// </summary>
    /// <param name="incidentId">The incident; of this library: the id in lowercase with dashes.</param>
    /// <param name="spanIds">The spans; an id that is there twice counts once.</param>
    /// <param name="cancellationToken">Cancels the call; what was linked is then unknown, and repeating it is safe.</param>
    ValueTask<SpanLinkResult> LinkAsync(string incidentId, IReadOnlyCollection<string> spanIds, CancellationToken cancellationToken = default);
}

/// <summary>What became of spans that were to be linked.</summary>
/// <param name="Linked">How many got the incident by this call.</param>
/// <param name="AlreadyLinked">How many had it before.</param>
/// <param name="Conflicts">The ids of those that belong to another incident, which stays, in the order of their ids.</param>
/// <param name="Unknown">The ids under which no span is stored, in the order of the ids.</param>
public sealed record SpanLinkResult(int Linked, int AlreadyLinked, IReadOnlyList<string> Conflicts, IReadOnlyList<string> Unknown)
{
    /// <summary>The result of no ids.</summary>
    public static SpanLinkResult Empty { get; } = new(0, 0, [], []);

    /// <summary>The result of both calls together.</summary>
    /// <param name="other">The result of another part of the ids.</param>
    public SpanLinkResult Plus(SpanLinkResult other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new(
            Linked + other.Linked, AlreadyLinked + other.AlreadyLinked, [.. Conflicts, .. other.Conflicts], [.. Unknown, .. other.Unknown]);
    }
}
