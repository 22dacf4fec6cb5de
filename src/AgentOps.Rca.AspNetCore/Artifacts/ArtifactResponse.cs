using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.AspNetCore.Artifacts;

/// <summary>An artifact's row on the wire.</summary>
internal record ArtifactResponse(string Digest, string Mime, long Length, bool PiiMasked, DateTimeOffset CreatedTs)
{
    public static ArtifactResponse Of(Artifact artifact) =>
        new(artifact.Digest.ToString(), artifact.Mime, artifact.Length, artifact.PiiMasked, artifact.CreatedTs);
}

/// <summary>
/// An artifact's row and the first 256 bytes of its content; the preview is null, with the reason beside it, when the content cannot be had.
/// </summary>
internal sealed record ArtifactDetailResponse(
    string Digest, string Mime, long Length, bool PiiMasked, DateTimeOffset CreatedTs, byte[]? Preview, string? ContentProblem)
    : ArtifactResponse(Digest, Mime, Length, PiiMasked, CreatedTs)
{
    public static ArtifactDetailResponse Of(Artifact artifact, byte[]? preview, string? problem) => new(
        artifact.Digest.ToString(), artifact.Mime, artifact.Length, artifact.PiiMasked, artifact.CreatedTs, preview, problem);
}
