using System.Runtime.CompilerServices;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Bundles;

/// <summary>A bundle's content as the three stores, so that whatever reads stores reads bundles. Read only; one caller at a time.</summary>
internal sealed class BundleStores(BundleContent content) : IIncidentStore, ISpanStore, IArtifactStore, IArtifactContentStore
{
    private Dictionary<string, long>? _offsets;

    ValueTask<Incident?> IIncidentStore.GetAsync(Guid id, CancellationToken cancellationToken) =>
        ValueTask.FromResult(id == content.Incident.Id ? content.Incident : null);

    async IAsyncEnumerable<Incident> IIncidentStore.ListAsync(
        IncidentQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        yield return content.Incident;
    }

    async ValueTask<Span?> ISpanStore.GetAsync(string spanId, CancellationToken cancellationToken)
    {
        _offsets ??= await IndexAsync(cancellationToken);
        if (!_offsets.TryGetValue(spanId, out var offset))
        {
            return null;
        }

        await using var spans = content.OpenSpans();
        spans.Position = offset;
        var lines = new LineReader(spans);
        return await lines.ReadAsync(cancellationToken) ? BundleLines.ReadSpan(lines.Line) : null;
    }

    async IAsyncEnumerable<Span> ISpanStore.ListAsync(SpanQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var spans = content.OpenSpans();
        var lines = new LineReader(spans);
        while (await lines.ReadAsync(cancellationToken))
        {
            if (BundleLines.ReadSpan(lines.Line) is { } span && Matches(span, query))
            {
                yield return span;
            }
        }
    }

    ValueTask<Artifact?> IArtifactStore.GetAsync(ArtifactDigest digest, CancellationToken cancellationToken) =>
        ValueTask.FromResult(content.Rows.GetValueOrDefault(digest));

    async IAsyncEnumerable<Artifact> IArtifactStore.FindAsync(
        IReadOnlyCollection<ArtifactDigest> digests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var digest in digests.Distinct())
        {
            if (content.Rows.TryGetValue(digest, out var row))
            {
                yield return row;
            }
        }
    }

    ValueTask<Stream?> IArtifactContentStore.OpenAsync(ArtifactDigest digest, CancellationToken cancellationToken) =>
        content.OpenArtifact(digest, cancellationToken);

    ValueTask<WriteOutcome> IIncidentStore.AddAsync(Incident incident, CancellationToken cancellationToken) => throw ReadOnly();

    ValueTask<bool> IIncidentStore.TrySetStatusAsync(Guid id, string expected, string status, CancellationToken cancellationToken) => throw ReadOnly();

    ValueTask<SpanWriteResult> ISpanStore.AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken) => throw ReadOnly();

    ValueTask<WriteOutcome> IArtifactStore.AddAsync(Artifact artifact, CancellationToken cancellationToken) => throw ReadOnly();

    ValueTask<StoredContent> IArtifactContentStore.WriteAsync(
        Stream content, ArtifactDigest? expected, CancellationToken cancellationToken) => throw ReadOnly();

    // All spans of a bundle are of its incident and in the order of the query.
    private static bool Matches(Span span, SpanQuery query) =>
        query.IncidentId == span.IncidentId
        && (query.Tool is null || span.Tool == query.Tool)
        && (query.IsEvidence is not { } evidence || ToolNames.IsEvidence(span.Tool) == evidence)
        && query is { WithoutIncident: false, FromTs: null, ToTs: null, After: null, Limit: null };

    private static InvalidOperationException ReadOnly() => new("A bundle is only read.");

    private async ValueTask<Dictionary<string, long>> IndexAsync(CancellationToken cancellationToken)
    {
        var offsets = new Dictionary<string, long>(StringComparer.Ordinal);
        await using var spans = content.OpenSpans();
        var lines = new LineReader(spans);
        while (await lines.ReadAsync(cancellationToken))
        {
            if (BundleLines.ReadSpan(lines.Line) is { } span)
            {
                offsets.TryAdd(span.SpanId, lines.Offset);
            }
        }

        return offsets;
    }
}
