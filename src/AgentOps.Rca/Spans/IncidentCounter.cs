using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Spans;

/// <summary>Counts what belongs to an incident. Its spans are read once; after that, only artifacts that were missing are waited for.</summary>
internal sealed class IncidentCounter(ISpanStore spans, IArtifactStore artifacts) : IIncidentCounter
{
    // More digests than these are not kept in memory, where they wait for their artifacts: then the spans are read again. Of 32 bytes each.
    private const long MostMissing = 4_000_000;

    private const int PageRows = 20_000;

    private readonly SpanFigures<NamedArtifacts> _named = new(spans, static named => named.Weight, MostMissing);

    public async ValueTask<IncidentCounts> CountAsync(Guid incidentId, CancellationToken cancellationToken = default)
    {
        var named = await _named.ReadAsync(incidentId, ReadAsync, cancellationToken).ConfigureAwait(false);
        return new IncidentCounts(named.Spans, await named.CountAsync(artifacts, cancellationToken).ConfigureAwait(false));

        async ValueTask<(NamedArtifacts Named, long Listed)> ReadAsync(string id)
        {
            var names = new Names();
            if (spans is ISpanRows rows)
            {
                SpanCursor? after = null;
                do
                {
                    after = await rows.ReadBarePageAsync(id, after, PageRows, names.Add, cancellationToken).ConfigureAwait(false);
                }
                while (after is not null);
            }
            else
            {
                await foreach (var span in spans.ListAsync(new SpanQuery { IncidentId = id, WithoutAttributes = true }, cancellationToken).ConfigureAwait(false))
                {
                    names.Add(span);
                }
            }

            return (await NamedArtifacts.LookAsync(names.Spans, names.Digests, artifacts, cancellationToken).ConfigureAwait(false), names.Spans);
        }
    }

    private sealed class Names
    {
        public long Spans { get; private set; }

        public HashSet<ArtifactDigest> Digests { get; } = [];

        public void Add(in SpanRow span)
        {
            Spans++;
            if (span.HasArgs && ArtifactDigest.TryParse(span.ArgsDigest, out var args))
            {
                Digests.Add(args);
            }

            if (span.HasResult && ArtifactDigest.TryParse(span.ResultDigest, out var result))
            {
                Digests.Add(result);
            }
        }

        public void Add(Span span)
        {
            Spans++;
            if (ArtifactDigest.TryParse(span.ArgsDigest, out var args))
            {
                Digests.Add(args);
            }

            if (ArtifactDigest.TryParse(span.ResultDigest, out var result))
            {
                Digests.Add(result);
            }
        }
    }
}
