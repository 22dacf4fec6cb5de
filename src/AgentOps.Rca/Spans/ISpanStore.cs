namespace AgentOps.Rca.Spans;

/// <summary>
/// Where spans are kept. Implementations are safe for concurrent use by many callers and many hosts.
/// A store that cannot be reached throws <see cref="StoreUnavailableException"/>.
/// </summary>
public interface ISpanStore
{
    /// <summary>
    /// Stores each span unless its id is taken; the batch is durable when the call returns. A batch may hold one id several times:
    /// the first counts, the others are duplicates of it or conflict with it.
    /// </summary>
    /// <param name="spans">The spans; each one's <see cref="Span.Attributes"/> must be a JSON object.</param>
    /// <param name="cancellationToken">Cancels the call; what was written is then unknown, and repeating it is safe.</param>
    ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default);

    /// <summary>The span with this id, or null.</summary>
    /// <param name="spanId">The span's id.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default);

    /// <summary>Lists spans in the order of <see cref="SpanQuery"/>, reading on as the caller enumerates; memory stays flat.</summary>
    /// <param name="query">Filters, the place to go on from, and the limit.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    IAsyncEnumerable<Span> ListAsync(SpanQuery query, CancellationToken cancellationToken = default);
}
