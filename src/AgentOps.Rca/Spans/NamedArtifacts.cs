using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Spans;

/// <summary>The artifacts that the spans of an incident name. Rows are never deleted, so one that was found is there.</summary>
internal sealed class NamedArtifacts
{
    private readonly Lock _lock = new();
    // Of those that were missing: gathered here until they are many, since the others are a million.
    private readonly HashSet<ArtifactDigest> _came = [];
    private ArtifactDigest[] _missing;
    private long _found;
    private long? _mark;

    private NamedArtifacts(long spans, long found, ArtifactDigest[] missing, long? mark) =>
        (Spans, _found, _missing, _mark) = (spans, found, missing, mark);

    /// <summary>How many spans there are.</summary>
    public long Spans { get; }

    /// <summary>How many digests are kept.</summary>
    public long Weight => Volatile.Read(ref _missing).Length;

    /// <summary>Looks for the artifacts for the first time.</summary>
    /// <param name="spans">How many spans there are.</param>
    /// <param name="digests">What they name.</param>
    /// <param name="artifacts">The store.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async ValueTask<NamedArtifacts> LookAsync(
        long spans, HashSet<ArtifactDigest> digests, IArtifactStore artifacts, CancellationToken cancellationToken)
    {
        ArtifactDigest[] named = [.. digests];
        Array.Sort(named);
        // Taken before one looks: what comes meanwhile is seen twice, and never not at all.
        var mark = artifacts is IArtifactArrivals marking ? await marking.ShowSinceAsync(null, static _ => { }, cancellationToken).ConfigureAwait(false) : null;
        var isFound = new bool[named.Length];
        var found = 0;
        await ShowAsync(
            named,
            digest =>
            {
                if (Array.BinarySearch(named, digest) is >= 0 and var place && !isFound[place])
                {
                    isFound[place] = true;
                    found++;
                }
            },
            artifacts,
            cancellationToken).ConfigureAwait(false);
        return new NamedArtifacts(spans, found, found == 0 ? named : [.. named.Where((_, place) => !isFound[place])], mark);
    }

    /// <summary>How many of the artifacts are there now.</summary>
    /// <param name="artifacts">The store.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async ValueTask<long> CountAsync(IArtifactStore artifacts, CancellationToken cancellationToken)
    {
        var (missing, mark) = Waiting();
        if (missing.Length == 0)
        {
            return Found();
        }

        List<ArtifactDigest> came = [];
        if (mark is not null && artifacts is IArtifactArrivals arrivals)
        {
            mark = await arrivals.ShowSinceAsync(mark, Note, cancellationToken).ConfigureAwait(false);
        }

        if (mark is null)
        {
            await ShowAsync(missing, came.Add, artifacts, cancellationToken).ConfigureAwait(false);
        }

        Take(came, mark);
        return Found();

        void Note(ArtifactDigest digest)
        {
            if (Array.BinarySearch(missing, digest) >= 0)
            {
                came.Add(digest);
            }
        }
    }

    private static async ValueTask ShowAsync(
        ArtifactDigest[] wanted, Action<ArtifactDigest> show, IArtifactStore artifacts, CancellationToken cancellationToken)
    {
        if (wanted.Length > 0 && artifacts is IArtifactArrivals arrivals)
        {
            await arrivals.ShowPresentAsync(wanted, show, cancellationToken).ConfigureAwait(false);
        }
        else if (wanted.Length > 0)
        {
            await foreach (var artifact in artifacts.FindAsync(wanted, cancellationToken).ConfigureAwait(false))
            {
                show(artifact.Digest);
            }
        }
    }

    private (ArtifactDigest[] Missing, long? Mark) Waiting()
    {
        lock (_lock)
        {
            return (_missing, _mark);
        }
    }

    private long Found()
    {
        lock (_lock)
        {
            return _found + _came.Count;
        }
    }

    // Who looks at the same time may bring the same, or what another has counted already.
    private void Take(List<ArtifactDigest> came, long? mark)
    {
        lock (_lock)
        {
            _came.UnionWith(came.Where(digest => Array.BinarySearch(_missing, digest) >= 0));
            // A store that was put back to an earlier day has earlier marks.
            _mark = mark;
            if (_came.Count > 0 && _came.Count >= _missing.Length / 4)
            {
                _found += _came.Count;
                _missing = [.. _missing.Where(digest => !_came.Contains(digest))];
                _came.Clear();
            }
        }
    }
}
