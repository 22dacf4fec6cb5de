using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis;

/// <summary>
/// Reads the spans of a case whole, by id. Who is about to read many fetches them first, so that they come in one call to the store and not
/// in one each; the last ones that were fetched are kept.
/// </summary>
internal sealed class CaseSpans(SpanForest forest, ISpanStore store)
{
    private volatile Dictionary<string, Span> _fetched = new(StringComparer.Ordinal);

    /// <summary>A span, or null when it is not part of the case or not there any more.</summary>
    public async ValueTask<Span?> ReadAsync(string spanId, CancellationToken cancellationToken)
    {
        if (forest.Find(spanId) is null)
        {
            return null;
        }

        // What did not come with the others is asked for again: it may be new, and a faked store knows only the call that it was taught.
        return _fetched.TryGetValue(spanId, out var fetched)
            ? fetched
            : await store.GetAsync(spanId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Fetches spans that will be read next.</summary>
    public async ValueTask FetchAsync(IReadOnlyCollection<string> spanIds, CancellationToken cancellationToken)
    {
        var known = spanIds.Where(id => forest.Find(id) is not null).Distinct(StringComparer.Ordinal).ToList();
        if (known.Count > 1)
        {
            var fetched = new Dictionary<string, Span>(known.Count, StringComparer.Ordinal);
            await foreach (var span in store.FindAsync(known, cancellationToken).ConfigureAwait(false))
            {
                fetched[span.SpanId] = span;
            }

            _fetched = fetched;
        }
    }
}
