using System.Collections;
using System.Text;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis;

/// <summary>The evidence that a recorded analysis looked at.</summary>
/// <param name="Spans">The spans that are still there, as trees.</param>
/// <param name="Added">Evidence that came after the analysis, which did not look at it.</param>
/// <param name="Changed">Spans that do not say what they said.</param>
/// <param name="Missing">Spans that are not there any more.</param>
internal sealed record RecordedEvidence(
    SpanForest Spans, IReadOnlyList<string> Added, IReadOnlyList<string> Changed, IReadOnlyList<string> Missing);

/// <summary>Takes the spans that a recorded analysis looked at, and finds what is not as it was.</summary>
internal sealed class RecordedEvidenceTaker
{
    private readonly SpanForest.Builder _forest = new();
    private readonly SpanIndex _recorded;
    private readonly BitArray _seen;
    private readonly List<string> _added = [];
    private readonly List<string> _changed = [];

    /// <summary>Makes a taker.</summary>
    /// <param name="recorded">Which spans were looked at.</param>
    public RecordedEvidenceTaker(SpanIndex recorded)
    {
        (_recorded, _seen) = (recorded, new BitArray(recorded.Count));
        Taker = new CaseTaker(_forest) { IsWanted = WasLookedAt, Hashed = Compare };
    }

    /// <summary>Takes them.</summary>
    public CaseTaker Taker { get; }

    /// <summary>What was found, when all spans were read.</summary>
    public RecordedEvidence Build() => new(
        _forest.Build(), _added, _changed, [.. Enumerable.Range(0, _recorded.Count).Where(place => !_seen[place]).Select(_recorded.IdAt)]);

    private bool WasLookedAt(ReadOnlySpan<byte> spanId)
    {
        var place = _recorded.IndexOf(spanId);
        if (place < 0)
        {
            _added.Add(Encoding.UTF8.GetString(spanId));
            return false;
        }

        _seen[place] = true;
        return true;
    }

    private void Compare(int number, ArtifactDigest digest)
    {
        var spanId = _forest.Ids[number];
        if (digest != _recorded.DigestAt(_recorded.IndexOf(spanId)))
        {
            _changed.Add(Encoding.UTF8.GetString(spanId));
        }
    }
}
