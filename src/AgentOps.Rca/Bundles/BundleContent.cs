using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;

namespace AgentOps.Rca.Bundles;

/// <summary>What a bundle holds, before it is packed or after it was read: the same view for export, replay and verification.</summary>
/// <param name="Incident">The incident.</param>
/// <param name="OpenSpans">Opens <c>spans.jsonl</c>.</param>
/// <param name="Rows">The artifacts' rows, by digest.</param>
/// <param name="HasArtifact">Whether an artifact's content is in it; it was hashed then.</param>
/// <param name="OpenArtifact">Opens an artifact's content; null when it was left out.</param>
internal sealed record BundleContent(
    Incident Incident,
    Func<Stream> OpenSpans,
    IReadOnlyDictionary<ArtifactDigest, Artifact> Rows,
    Func<ArtifactDigest, bool> HasArtifact,
    Func<ArtifactDigest, CancellationToken, ValueTask<Stream?>> OpenArtifact);
