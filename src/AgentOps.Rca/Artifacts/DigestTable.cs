using AgentOps.Rca.Columns;

namespace AgentOps.Rca.Artifacts;

/// <summary>Digests, each once, numbered from 0 in the order in which they came.</summary>
internal sealed class DigestTable : NumberTable<ArtifactDigest>
{
    private readonly Column<ArtifactDigest> _digests = new();

    /// <inheritdoc/>
    public override int Count => _digests.Count;

    /// <summary>The digest of this number.</summary>
    /// <param name="number">The number.</param>
    public ref readonly ArtifactDigest this[int number] => ref _digests[number];

    /// <inheritdoc/>
    protected override ArtifactDigest KeyOf(int number) => _digests[number];

    /// <inheritdoc/>
    protected override bool IsOf(int number, ArtifactDigest key) => _digests[number].Equals(key);

    /// <inheritdoc/>
    protected override uint HashOf(ArtifactDigest key) => (uint)key.GetSeededHashCode();

    /// <inheritdoc/>
    protected override void Keep(ArtifactDigest key) => _digests.Add(key);
}
