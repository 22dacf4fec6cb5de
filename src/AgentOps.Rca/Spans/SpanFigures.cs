using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace AgentOps.Rca.Spans;

/// <summary>
/// Figures that are worked out of all spans of an incident, remembered while the incident has as many. Spans are immutable and never leave
/// their incident, so as many spans are the same spans; nothing that is remembered is out of date.
/// </summary>
internal sealed class SpanFigures<T>(ISpanStore spans, Func<T, bool>? mayKeep = null)
    where T : class
{
    private const int MostIncidents = 256;

    private readonly ConcurrentDictionary<string, (long Count, T Figures)> _known = new(StringComparer.Ordinal);

    /// <summary>The figures of an incident as it stands.</summary>
    /// <param name="incidentId">The incident.</param>
    /// <param name="withoutAttributes">Whether the spans are read without their attributes.</param>
    /// <param name="workOut">Works them out of all the spans.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async ValueTask<T> ReadAsync(
        Guid incidentId, bool withoutAttributes, Func<IAsyncEnumerable<Span>, ValueTask<T>> workOut, CancellationToken cancellationToken)
    {
        var id = incidentId.ToString("D");
        var count = await spans.CountAsync(id, cancellationToken).ConfigureAwait(false);
        // A store that cannot count says nothing with a zero.
        if (count > 0 && _known.TryGetValue(id, out var known) && known.Count == count)
        {
            return known.Figures;
        }

        var listed = new StrongBox<long>();
        var query = new SpanQuery { IncidentId = id, WithoutAttributes = withoutAttributes };
        var figures = await workOut(CountAsync(spans.ListAsync(query, cancellationToken), listed, cancellationToken)).ConfigureAwait(false);
        // The listing has at least the spans that were counted before it: when it has as many, it has no other.
        if (count > 0 && listed.Value == count && mayKeep?.Invoke(figures) != false)
        {
            Remember(id, count, figures);
        }

        return figures;
    }

    private static async IAsyncEnumerable<Span> CountAsync(
        IAsyncEnumerable<Span> listing, StrongBox<long> count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var span in listing.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            count.Value++;
            yield return span;
        }
    }

    private void Remember(string id, long count, T figures)
    {
        if (_known.Count >= MostIncidents)
        {
            _known.Clear();
        }

        _known[id] = (count, figures);
    }
}
