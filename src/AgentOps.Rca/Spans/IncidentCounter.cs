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
        private readonly SemaphoreSlim _gate = new(1);
        private HashSet<ArtifactDigest> _missing = digests;
        private long _found;

        public long Spans => spans;

        public int Missing => _missing.Count;

        /// <summary>Looks for the artifacts that were missing, and says how many are there now.</summary>
        public async ValueTask<long> LookAsync(IArtifactStore artifacts, CancellationToken cancellationToken)
        {
            await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (_missing.Count > 0)
                {
                    HashSet<ArtifactDigest> found = [];
                    await foreach (var artifact in artifacts.FindAsync(_missing, cancellationToken).ConfigureAwait(false))
                    {
                        found.Add(artifact.Digest);
                    }

                    _found += found.Count;
                    _missing = [.. _missing.Except(found)];
                }

                return _found;
            }
            finally
            {
                _gate.Release();
            }
        }
    }
}
