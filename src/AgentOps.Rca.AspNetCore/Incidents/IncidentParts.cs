using System.Runtime.CompilerServices;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.AspNetCore.Incidents;

/// <summary>What belongs to an incident. Of its artifacts only the digests are ever in memory.</summary>
internal sealed class IncidentParts(Guid incidentId, ISpanStore spans, IArtifactStore artifacts)
{
    private readonly HashSet<ArtifactDigest> _named = [];

    /// <summary>The spans in the store's order; the artifacts they name are remembered on the way.</summary>
    public async IAsyncEnumerable<Span> ListSpansAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var span in spans.ListAsync(new SpanQuery { IncidentId = incidentId.ToString("D") }, cancellationToken).ConfigureAwait(false))
        {
            Remember(span.ArgsDigest);
            Remember(span.ResultDigest);
            yield return span;
        }
    }

    /// <summary>The artifacts that the spans listed so far name, as far as they are there.</summary>
    public IAsyncEnumerable<Artifact> ListArtifactsAsync() => artifacts.FindAsync([.. _named.Order()]);

    private void Remember(string? text)
    {
        if (ArtifactDigest.TryParse(text, out var digest))
        {
            _named.Add(digest);
        }
    }
}
