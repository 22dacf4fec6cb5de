namespace AgentOps.Rca.Reading;

/// <summary>Which evidence is asked for.</summary>
public sealed record EvidenceQuery
{
    /// <summary>The incident.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary>The id of the evidence within its report, such as <c>E1</c>.</summary>
    public required string EvidenceId { get; init; }

    /// <summary>The report, as 64 hexadecimal digits; null is the latest.</summary>
    public string? ReportDigest { get; init; }

    /// <summary>How many bytes to show before and after what is pointed at, from 0 to 4,096.</summary>
    public int Context { get; init; } = 256;

    /// <summary>Whether secrets and personal data are masked in what is shown.</summary>
    public bool Mask { get; init; } = true;

    /// <summary>Whether only the record is wanted that it was read from: what the analysis noted of it is not looked up, and not held against it.</summary>
    public bool SourceOnly { get; init; }
}

/// <summary>What became of a question for evidence: exactly one of the records below.</summary>
public abstract record EvidenceOutcome
{
    private EvidenceOutcome()
    {
    }

    /// <summary>It is there.</summary>
    /// <param name="View">What it rests on.</param>
    public sealed record Found(EvidenceView View) : EvidenceOutcome;

    /// <summary>There is no such incident.</summary>
    /// <param name="IncidentId">The id asked for.</param>
    public sealed record IncidentNotFound(Guid IncidentId) : EvidenceOutcome;

    /// <summary>The incident has no such report, or its bytes are missing or are not what was stored.</summary>
    /// <param name="Reason">Which of them, in a sentence.</param>
    public sealed record ReportNotFound(string Reason) : EvidenceOutcome;

    /// <summary>The report has no evidence of this id.</summary>
    /// <param name="ReportDigest">The report.</param>
    /// <param name="Known">The ids that it has, at most the first 100.</param>
    public sealed record NotFound(string ReportDigest, IReadOnlyList<string> Known) : EvidenceOutcome;
}

/// <summary>A claim's evidence as the bytes that it was read from, with their SHA-256 as it was recorded and as it is now.</summary>
public sealed record EvidenceView
{
    /// <summary>The incident.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary>The report.</summary>
    public required string ReportDigest { get; init; }

    /// <summary>The evidence's id within the report.</summary>
    public required string Id { get; init; }

    /// <summary>The detector or the kind of fact.</summary>
    public required string Kind { get; init; }

    /// <summary>What it says, in a sentence.</summary>
    public required string Text { get; init; }

    /// <summary>Whether code had found it in the bytes when the report was made.</summary>
    public required bool Checked { get; init; }

    /// <summary>Whether code finds it in the bytes now; null when the bytes cannot be read.</summary>
    public bool? Holds { get; init; }

    /// <summary>The record that it was read from.</summary>
    public required EvidenceSource Source { get; init; }

    /// <summary>The place as a JSON pointer into the source, or null.</summary>
    public string? Pointer { get; init; }

    /// <summary>The words themselves, as the report quotes them, or null.</summary>
    public string? Quote { get; init; }

    /// <summary>Where the value or the words stand in the source's bytes; null when they are not found there.</summary>
    public ByteRange? Range { get; init; }

    /// <summary>The bytes around it as text, in parts; null when there is nothing to show.</summary>
    public EvidenceContext? Context { get; init; }

    /// <summary>Its place on the page, from the page's root on: the bytes of a span, or else the evidence.</summary>
    public string Page => Source is { Kind: "span", SpanId: { } span } && Range is { } range
        ? PageAddresses.Bytes(IncidentId, span, range) : PageAddresses.Evidence(IncidentId, Id);
}

/// <summary>The span or artifact that evidence was read from.</summary>
public sealed record EvidenceSource
{
    /// <summary><c>span</c> when the bytes are a span's canonical form, <c>artifact</c> when they are an artifact's content.</summary>
    public required string Kind { get; init; }

    /// <summary>The span, or the span that names the artifact; or null.</summary>
    public string? SpanId { get; init; }

    /// <summary>The span's tool, or null.</summary>
    public string? Tool { get; init; }

    /// <summary>The artifact, or null.</summary>
    public string? ArtifactDigest { get; init; }

    /// <summary>The media type of the bytes.</summary>
    public string? Mime { get; init; }

    /// <summary>How many bytes there are now; null when none can be read.</summary>
    public long? Length { get; init; }

    /// <summary>The SHA-256 that was recorded: of an artifact its name, of a span what the analysis noted; null when it was not noted.</summary>
    public string? RecordedSha256 { get; init; }

    /// <summary>The SHA-256 of the bytes that are there now, computed for this answer; null when none can be read.</summary>
    public string? ComputedSha256 { get; init; }

    /// <summary>Whether both are the same; null when one of them is not known.</summary>
    public bool? Intact { get; init; }

    /// <summary>Why the bytes cannot be read or are not what was recorded, in a sentence; null when nothing is wrong.</summary>
    public string? Fault { get; init; }
}

/// <summary>A place in bytes.</summary>
/// <param name="Offset">The first byte, from 0.</param>
/// <param name="Length">How many bytes.</param>
public readonly record struct ByteRange(long Offset, long Length);

/// <summary>A piece of the source as text. Offsets and lengths are those of the original bytes, whatever is shown.</summary>
/// <param name="Offset">The first byte that is shown.</param>
/// <param name="Length">How many bytes the parts stand for.</param>
/// <param name="Parts">The text in its order.</param>
/// <param name="Masked">How many parts are masked: they look like secrets or personal data. Digests are always those of the originals.</param>
/// <param name="Cut">Whether what is pointed at goes on after the last part.</param>
public sealed record EvidenceContext(long Offset, long Length, IReadOnlyList<EvidencePart> Parts, int Masked, bool Cut);

/// <summary>A part of the text.</summary>
/// <param name="Offset">Its first byte in the source.</param>
/// <param name="Length">How many bytes it stands for.</param>
/// <param name="Text">The text, or a placeholder such as <c>[SECRET_1]</c>.</param>
/// <param name="Pointed">Whether it is, or is part of, what the evidence points at.</param>
/// <param name="Masked">Whether it is a placeholder.</param>
public sealed record EvidencePart(long Offset, long Length, string Text, bool Pointed, bool Masked);
