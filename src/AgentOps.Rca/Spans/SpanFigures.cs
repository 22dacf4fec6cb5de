using System.Runtime.CompilerServices;

namespace AgentOps.Rca.Spans;

/// <summary>
/// Figures that are worked out of all spans of an incident, remembered while the incident has as many. Spans are immutable and never leave
/// their incident, so as many spans are the same spans; nothing that is remembered is out of date.
/// </summary>
/// <param name="spans">The spans.</param>
/// <param name="weigh">How much of <paramref name="most"/> the figures of an incident take; by default nothing.</param>
/// <param name="most">How much is remembered of all incidents together.</param>
internal sealed class SpanFigures<T>(ISpanStore spans, Func<T, long>? weigh = null, long most = 0)
    where T : class
{
    private const int MostIncidents = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (long Count, T Figures)> _known = new(StringComparer.Ordinal);

    /// <summary>The figures of an incident as it stands.</summary>
    /// <param name="incidentId">The incident.</param>
    /// <param name="workOut">Works them out of all the spans.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public ValueTask<T> ReadAsync(
        Guid incidentId, Func<IAsyncEnumerable<Span>, ValueTask<T>> workOut, CancellationToken cancellationToken)
    {
        return ReadAsync(incidentId, ListAsync, cancellationToken);

        async ValueTask<(T Figures, long Listed)> ListAsync(string id)
        {
            var listed = new StrongBox<long>();
            var listing = spans.ListAsync(new SpanQuery { IncidentId = id }, cancellationToken);
            var figures = await workOut(CountAsync(listing, listed, cancellationToken)).ConfigureAwait(false);
            return (figures, listed.Value);
        }
    }

    /// <summary>The same of who reads the spans in a way of its own.</summary>
    /// <param name="incidentId">The incident.</param>
    /// <param name="workOut">Works them out, and says of how many spans.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async ValueTask<T> ReadAsync(
        Guid incidentId, Func<string, ValueTask<(T Figures, long Listed)>> workOut, CancellationToken cancellationToken)
    {
        var id = incidentId.ToString("D");
        var count = await spans.CountAsync(id, cancellationToken).ConfigureAwait(false);
        // A store that cannot count says nothing with a zero.
        if (count > 0 && Find(id, count) is { } known)
        {
            return known;
        }

        var (figures, listed) = await workOut(id).ConfigureAwait(false);
        // The listing has at least the spans that were counted before it: when it has as many, it has no other.
        if (count > 0 && listed == count)
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

    private T? Find(string id, long count)
    {
        lock (_lock)
        {
            return _known.TryGetValue(id, out var known) && known.Count == count ? known.Figures : null;
        }
    }

    private void Remember(string id, long count, T figures)
    {
        var weight = weigh?.Invoke(figures) ?? 0;
        lock (_lock)
        {
            _known.Remove(id);
            if (_known.Count >= MostIncidents || weight + _known.Values.Sum(known => weigh?.Invoke(known.Figures) ?? 0) > most)
            {
                _known.Clear();
            }

            if (weight <= most)
            {
                _known[id] = (count, figures);
            }
        }
    }
}
