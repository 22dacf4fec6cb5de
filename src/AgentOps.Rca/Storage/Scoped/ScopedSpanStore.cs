using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Storage.Scoped;

/// <summary>The spans of a store that lives in a scope, with what else it can do.</summary>
internal sealed class ScopedSpanStore(ScopedCalls<ISpanStore> store) : ISpanStore, ISpanLinker, ISpanRetention
{
    /// <summary>What links spans of this store, or null when it cannot.</summary>
    public ISpanLinker? Linker => field ??= store.Is<ISpanLinker>() ? this : null;

    /// <summary>What deletes spans of this store, or null when it cannot.</summary>
    public ISpanRetention? Retention => field ??= store.Is<ISpanRetention>() ? this : null;

    public ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default) =>
        store.RunAsync(own => own.AddAsync(spans, cancellationToken));

    public ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default) =>
        store.RunAsync(own => own.GetAsync(spanId, cancellationToken));

    public IAsyncEnumerable<Span> FindAsync(IReadOnlyCollection<string> spanIds, CancellationToken cancellationToken = default) =>
        store.ListAsync((own, token) => own.FindAsync(spanIds, token), cancellationToken);

    public ValueTask<long> CountAsync(string incidentId, CancellationToken cancellationToken = default) =>
        store.RunAsync(own => own.CountAsync(incidentId, cancellationToken));

    public IAsyncEnumerable<Span> ListFindingsAsync(IReadOnlyCollection<string> incidentIds, CancellationToken cancellationToken = default) =>
        store.ListAsync((own, token) => own.ListFindingsAsync(incidentIds, token), cancellationToken);

    public IAsyncEnumerable<Span> ListAsync(SpanQuery query, CancellationToken cancellationToken = default) =>
        store.ListAsync((own, token) => own.ListAsync(query, token), cancellationToken);

    public IAsyncEnumerable<Span> ListTraceAsync(string traceId, CancellationToken cancellationToken = default) =>
        store.ListAsync((own, token) => ((ISpanLinker)own).ListTraceAsync(traceId, token), cancellationToken);

    public ValueTask<SpanLinkResult> LinkAsync(
        string incidentId, IReadOnlyCollection<string> spanIds, CancellationToken cancellationToken = default) =>
        store.RunAsync(own => ((ISpanLinker)own).LinkAsync(incidentId, spanIds, cancellationToken));

    public ValueTask<int> DeleteBaselineAsync(long fromTs, long toTs, int limit, CancellationToken cancellationToken = default) =>
        store.RunAsync(own => ((ISpanRetention)own).DeleteBaselineAsync(fromTs, toTs, limit, cancellationToken));
}
