using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Spans;

/// <summary>Counts what belongs to an incident. Its spans are read once; after that, only artifacts that were missing are looked for.</summary>
internal sealed class IncidentCounter(ISpanStore spans, IArtifactStore artifacts) : IIncidentCounter
{
    // More digests than these are not kept in memory, where they wait for their artifacts: then the spans are read again.
    private const int MostMissing = 10_000;

    private readonly SpanFigures<Named> _named = new(spans, static named => named.Missing <= MostMissing);

    public async ValueTask<IncidentCounts> CountAsync(Guid incidentId, CancellationToken cancellationToken = default)
    {
        var named = await _named.ReadAsync(incidentId, withoutAttributes: true, ReadAsync, cancellationToken).ConfigureAwait(false);
        return new IncidentCounts(named.Spans, await named.LookAsync(artifacts, cancellationToken).ConfigureAwait(false));

        async ValueTask<Named> ReadAsync(IAsyncEnumerable<Span> listing)
        {
            var count = 0L;
            HashSet<ArtifactDigest> digests = [];
            await foreach (var span in listing.ConfigureAwait(false))
            {
                count++;
                Add(span.ArgsDigest);
                Add(span.ResultDigest);
            }

            var read = new Named(count, digests);
            await read.LookAsync(artifacts, cancellationToken).ConfigureAwait(false);
            return read;

            void Add(string? text)
            {
                if (ArtifactDigest.TryParse(text, out var digest))
                {
                    digests.Add(digest);
                }
            }
        }
    }

    // The artifacts that the spans name. Rows are never deleted, so one that was found is there.
    private sealed class Named(long spans, HashSet<ArtifactDigest> digests)
    {
        private Known _known = new(0, digests);

        public long Spans => spans;

        public int Missing => Volatile.Read(ref _known).Missing.Count;

        /// <summary>Looks for the artifacts that were missing, and says how many are there now.</summary>
        public async ValueTask<long> LookAsync(IArtifactStore artifacts, CancellationToken cancellationToken)
        {
            var known = Volatile.Read(ref _known);
            if (known.Missing.Count == 0)
            {
                return known.Found;
            }

            HashSet<ArtifactDigest> found = [];
            await foreach (var artifact in artifacts.FindAsync(known.Missing, cancellationToken).ConfigureAwait(false))
            {
                found.Add(artifact.Digest);
            }

            // Who looks at the same time begins with the same; one of the two is kept, and both have seen what was there.
            var now = new Known(known.Found + found.Count, [.. known.Missing.Except(found)]);
            Interlocked.CompareExchange(ref _known, now, known);
            return now.Found;
        }
    }

    private sealed record Known(long Found, HashSet<ArtifactDigest> Missing);
}
