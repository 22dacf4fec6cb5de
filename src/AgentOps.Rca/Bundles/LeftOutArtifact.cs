using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Bundles;

/// <summary>An artifact that is named and whose content is not in the bundle.</summary>
internal readonly record struct LeftOutArtifact(ArtifactDigest Digest, string Reason)
{
    public const string Missing = "missing";
    public const string Changed = "changed";
    public const string Unmasked = "unmasked";
}
