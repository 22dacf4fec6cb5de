using System.Runtime.CompilerServices;

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

    /// <summary>
    /// The spans that exist among these ids, in any order, each once. A store that does not implement it is asked for one after the other.
    /// </summary>
    /// <param name="spanIds">Any number of ids; the store splits them as its backend needs.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    async IAsyncEnumerable<Span> FindAsync(
        IReadOnlyCollection<string> spanIds, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spanIds);
        foreach (var spanId in spanIds.Distinct(StringComparer.Ordinal))
        {
            if (await GetAsync(spanId, cancellationToken).ConfigureAwait(false) is { } span)
            {
                yield return span;
            }
        }
    }

    /// <summary>
    /// How many spans belong to an incident: exactly as many as are stored and linked when the call is made. Spans never leave their
    /// incident, so two equal counts mean the same spans. A store that does not implement it lists them, which takes as long as there are many.
    /// </summary>
    /// <param name="incidentId">The incident; of this library: the id in lowercase with dashes.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    async ValueTask<long> CountAsync(string incidentId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(incidentId);
        var count = 0L;
        await foreach (var _ in ListAsync(new SpanQuery { IncidentId = incidentId, WithoutAttributes = true }, cancellationToken).ConfigureAwait(false))
        {
            count++;
        }

        return count;
    }

    /// <summary>
    /// What was made of the evidence of many incidents: every span of them that is no evidence (<see cref="ToolNames.IsEvidence"/>), in any
    /// order, each once. It is little for each. A store that does not implement it is asked for one incident after the other.
    /// </summary>
    /// <param name="incidentIds">Any number of incidents; the store splits them as its backend needs.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    async IAsyncEnumerable<Span> ListFindingsAsync(
        IReadOnlyCollection<string> incidentIds, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(incidentIds);
        foreach (var incidentId in incidentIds.Distinct(StringComparer.Ordinal))
        {
            await foreach (var span in ListAsync(new SpanQuery { IncidentId = incidentId, IsEvidence = false }, cancellationToken).ConfigureAwait(false))
            {
                yield return span;
            }
        }
    }

    /// <summary>Lists spans in the order of <see cref="SpanQuery"/>, reading on as the caller enumerates; memory stays flat.</summary>
    /// <param name="query">Filters, the place to go on from, and the limit.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    IAsyncEnumerable<Span> ListAsync(SpanQuery query, CancellationToken cancellationToken = default);
}
