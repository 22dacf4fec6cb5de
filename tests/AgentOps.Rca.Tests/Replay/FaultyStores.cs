using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;

namespace AgentOps.Rca.Tests.Replay;

/// <summary>Spans in memory, some of which a test hides or changes behind the library's back.</summary>
internal sealed class FaultySpanStore : ISpanStore
{
    private readonly InMemorySpanStore _inner = new();

    public HashSet<string> Hidden { get; } = [];

    public Dictionary<string, Func<Span, Span>> Changed { get; } = [];

    /// <summary>How often an incident's evidence was listed.</summary>
    public int Readings { get; set; }

    public ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default) =>
        _inner.AddAsync(spans, cancellationToken);

    public ValueTask<long> CountAsync(string incidentId, CancellationToken cancellationToken = default) => _inner.CountAsync(incidentId, cancellationToken);

    public async ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default) =>
        await _inner.GetAsync(spanId, cancellationToken) is { } span && !Hidden.Contains(spanId) ? Change(span) : null;

    public async IAsyncEnumerable<Span> ListAsync(
        SpanQuery query, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Readings += query is { Tool: null, IsEvidence: not false } ? 1 : 0;
        await foreach (var span in _inner.ListAsync(query, cancellationToken))
        {
            if (!Hidden.Contains(span.SpanId))
            {
                yield return Change(span);
            }
        }
    }

    private Span Change(Span span) => Changed.TryGetValue(span.SpanId, out var change) ? change(span) : span;
}

/// <summary>Bytes in memory, some of which a test loses or changes behind the library's back.</summary>
internal sealed class FaultyContentStore : IArtifactContentStore
{
    private readonly InMemoryArtifactContentStore _inner = new();

    public HashSet<string> Lost { get; } = [];

    public Dictionary<string, byte[]> Changed { get; } = [];

    public ValueTask<StoredContent> WriteAsync(Stream content, ArtifactDigest? expected = null, CancellationToken cancellationToken = default) =>
        _inner.WriteAsync(content, expected, cancellationToken);

    public ValueTask<Stream?> OpenAsync(ArtifactDigest digest, CancellationToken cancellationToken = default)
    {
        var name = digest.ToString();
        return Lost.Contains(name) ? ValueTask.FromResult<Stream?>(null)
            : Changed.TryGetValue(name, out var bytes) ? ValueTask.FromResult<Stream?>(new MemoryStream(bytes))
            : _inner.OpenAsync(digest, cancellationToken);
    }
}
