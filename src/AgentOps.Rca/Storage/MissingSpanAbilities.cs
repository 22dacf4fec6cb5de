using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Storage;

/// <summary>Stands in where a span store of the user's own implements <see cref="ISpanStore"/> alone: each call says what is missing.</summary>
internal sealed class MissingSpanAbilities : ISpanLinker, ISpanRetention
{
    public static MissingSpanAbilities Instance { get; } = new();

    public IAsyncEnumerable<Span> ListTraceAsync(string traceId, CancellationToken cancellationToken = default) => throw Missing(nameof(ISpanLinker));

    public ValueTask<SpanLinkResult> LinkAsync(
        string incidentId, IReadOnlyCollection<string> spanIds, CancellationToken cancellationToken = default) => throw Missing(nameof(ISpanLinker));

    public ValueTask<int> DeleteBaselineAsync(long fromTs, long toTs, int limit, CancellationToken cancellationToken = default) =>
        throw Missing(nameof(ISpanRetention));

    /// <summary>Why a host that needs the contract must not start, or null.</summary>
    public static string? FindProblem(object store, string contract, string feature) => store is MissingSpanAbilities
        ? $"{feature} needs a store that implements {contract}; the registered ISpanStore does not. Let it, or register one."
        : null;

    private static StoreUnavailableException Missing(string contract) =>
        new($"The registered ISpanStore cannot do this; let it implement {contract} too, or register one.") { IsPermanent = true };
}
