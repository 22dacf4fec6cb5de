using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Spans.Ingest;

/// <summary>Collects the digests that spans name and for which there is no artifact. Bounded in memory, whatever the number of spans.</summary>
internal sealed class UnresolvedDigests(IArtifactStore artifacts, int most)
{
    private const int MostRemembered = 65_536;

    private readonly HashSet<ArtifactDigest> _resolved = [];
    private readonly HashSet<ArtifactDigest> _found = [];

    public IReadOnlyCollection<ArtifactDigest> Found => _found;

    public bool IsCut { get; private set; }

    public async ValueTask LookAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken)
    {
        if (IsCut)
        {
            return;
        }

        var named = new HashSet<ArtifactDigest>();
        foreach (var span in spans)
        {
            Add(span.ArgsDigest, named);
            Add(span.ResultDigest, named);
        }

        if (named.Count == 0)
        {
            return;
        }

        if (_resolved.Count + named.Count > MostRemembered)
        {
            _resolved.Clear();
        }

        ArtifactDigest[] asked = [.. named];
        await foreach (var artifact in artifacts.FindAsync(asked, cancellationToken).ConfigureAwait(false))
        {
            _resolved.Add(artifact.Digest);
            named.Remove(artifact.Digest);
        }

        foreach (var digest in named)
        {
            if (_found.Count == most)
            {
                IsCut = true;
                return;
            }

            _found.Add(digest);
        }
    }

    private void Add(string? text, HashSet<ArtifactDigest> named)
    {
        if (text is not null && ArtifactDigest.TryParse(text, out var digest) && !_resolved.Contains(digest) && !_found.Contains(digest))
        {
            named.Add(digest);
        }
    }
}
