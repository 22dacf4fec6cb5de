using System.Runtime.CompilerServices;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage;

namespace AgentOps.Rca.Bundles;

/// <summary>
/// A bundle's content as the three stores, so that whatever reads stores reads bundles; its lines were found to be canonical before, or are the
/// exporter's own. Read only; one caller at a time.
/// </summary>
internal sealed class BundleStores(BundleContent content) : IIncidentStore, ISpanStore, ISpanRows, IArtifactStore, IArtifactContentStore
{
    private readonly BundleSpans _spans = new(content.OpenSpans);

    ValueTask<Incident?> IIncidentStore.GetAsync(Guid id, CancellationToken cancellationToken) =>
        ValueTask.FromResult(id == content.Incident.Id ? content.Incident : null);

    async IAsyncEnumerable<Incident> IIncidentStore.ListAsync(
        IncidentQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        if (Matches(content.Incident, query))
        {
            yield return content.Incident;
        }
    }

    ValueTask<Span?> ISpanStore.GetAsync(string spanId, CancellationToken cancellationToken) => _spans.FindAsync(spanId, cancellationToken);

    // A bundle has one incident.
    async ValueTask<long> ISpanStore.CountAsync(string incidentId, CancellationToken cancellationToken) =>
        IsOf(incidentId) ? await _spans.CountAsync(cancellationToken).ConfigureAwait(false) : 0;

    ValueTask<SpanCursor?> ISpanRows.ReadPageAsync(
        string incidentId, SpanCursor? after, int most, ShowSpan show, CancellationToken cancellationToken) =>
        IsOf(incidentId) ? _spans.ShowAsync(after, most, show, withAttributes: true, cancellationToken) : ValueTask.FromResult<SpanCursor?>(null);

    ValueTask<SpanCursor?> ISpanRows.ReadBarePageAsync(
        string incidentId, SpanCursor? after, int most, ShowSpan show, CancellationToken cancellationToken) =>
        IsOf(incidentId) ? _spans.ShowAsync(after, most, show, withAttributes: false, cancellationToken) : ValueTask.FromResult<SpanCursor?>(null);

    async IAsyncEnumerable<Span> ISpanStore.ListAsync(SpanQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var left = query.Limit ?? int.MaxValue;
        if (left <= 0)
        {
            yield break;
        }

        var asksForRecords = query.IsEvidence == false || (query.Tool is { } tool && !ToolNames.IsEvidence(tool));
        await foreach (var span in _spans.ReadAsync(asksForRecords, cancellationToken).ConfigureAwait(false))
        {
            if (Matches(span, query))
            {
                yield return query.WithoutAttributes ? span with { KeptAttributes = RecordJson.Empty } : span;
                if (--left == 0)
                {
                    yield break;
                }
            }
        }
    }

    ValueTask<Artifact?> IArtifactStore.GetAsync(ArtifactDigest digest, CancellationToken cancellationToken) =>
        ValueTask.FromResult(content.Rows.GetValueOrDefault(digest));

    async IAsyncEnumerable<Artifact> IArtifactStore.FindAsync(
        IReadOnlyCollection<ArtifactDigest> digests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
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

    private bool IsOf(string incidentId) => incidentId == content.Incident.Id.ToString("D");

    // The spans of a bundle are in the order of the query.
    private static bool Matches(Span span, SpanQuery query) =>
        (query.IncidentId is null || query.IncidentId == span.IncidentId)
        && (!query.WithoutIncident || span.IncidentId is null)
        && (query.Tool is null || span.Tool == query.Tool)
        && (query.FromTs is not { } from || span.StartTs >= from)
        && (query.ToTs is not { } to || span.StartTs < to)
        && (query.IsEvidence is not { } evidence || ToolNames.IsEvidence(span.Tool) == evidence)
        && (query.After is not { } after || span.StartTs > after.StartTs
            || (span.StartTs == after.StartTs && Utf8Comparer.Instance.Compare(span.SpanId, after.SpanId) > 0));

    private static bool Matches(Incident incident, IncidentQuery query) =>
        query.Limit is not <= 0
        && (query.Status is null || query.Status == incident.Status)
        && (query.ProblemType is null || query.ProblemType == incident.ProblemType)
        && (query.OrderId is null || query.OrderId == incident.OrderId)
        && (query.Text is not { } text || TextSearch.Contains(incident.OrderId, text) || TextSearch.Contains(incident.ProblemType, text))
        && (query.After is not { } after || incident.CreatedTs < after.CreatedTs
            || (incident.CreatedTs == after.CreatedTs && incident.Id.CompareTo(after.Id) < 0));

    private static InvalidOperationException ReadOnly() => new("A bundle is only read.");
}
