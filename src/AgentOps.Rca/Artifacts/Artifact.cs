namespace AgentOps.Rca.Artifacts;

/// <summary>What is known of a piece of content: the row, not the bytes. Immutable; the first upload's row stays.</summary>
public sealed record Artifact
{
    /// <summary>The SHA-256 of the bytes.</summary>
    public required ArtifactDigest Digest { get; init; }

    /// <summary>The media type as the first uploader gave it, such as <c>application/json</c>.</summary>
    public required string Mime { get; init; }

    /// <summary>How many bytes it has.</summary>
    public required long Length { get; init; }

    /// <summary>Whether the uploader says that personal data is masked in it.</summary>
    public bool PiiMasked { get; init; }

    /// <summary>When it was first stored, UTC, to the microsecond; what is finer is cut off.</summary>
    public required DateTimeOffset CreatedTs
    {
        get;
        init => field = RecordPrecision.Truncate(value);
    }
}
