using System.Text.Json.Serialization;
using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Incidents;

namespace AgentOps.Rca.Analysis;

/// <summary>
/// What an analysis looked at: enough to make the same report again from recorded bytes. It is the args artifact of the analysis' span,
/// in canonical JSON.
/// </summary>
internal sealed record CaseManifest
{
    /// <summary>The media type of the stored form.</summary>
    public const string Mime = "application/vnd.agentops-rca.case+json";

    /// <summary>The version of this format.</summary>
    public int FormatVersion { get; init; } = 1;

    /// <summary>The incident as it stood.</summary>
    public required Incident Incident { get; init; }

    /// <summary>The digest of the <see cref="SpanIndex"/>: which spans were looked at, what they said, and which artifacts were missing.</summary>
    public required string SpanIndexDigest { get; init; }

    /// <summary>How many spans were looked at.</summary>
    public required int SpanCount { get; init; }

    /// <summary>What the spans were compared with.</summary>
    public required Baseline Baseline { get; init; }

    /// <summary>What was found in earlier analyses, by signature.</summary>
    public IReadOnlyList<RcaPattern> History { get; init; } = [];

    /// <summary>The engine's name.</summary>
    public required string Engine { get; init; }

    /// <summary>The engine's version.</summary>
    public required string EngineVersion { get; init; }

    /// <summary>
    /// The version of what hides secrets and personal data in the report; null when nothing was hidden. A replay must hide the same.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Masking { get; init; }

    /// <summary>Who asked for the analysis, or null.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>How it is known who asked; null when a name was only claimed, or none was told.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Actor? Requester { get; init; }

    /// <summary>When the analysis was made, UTC.</summary>
    public required DateTimeOffset AnalyzedAt { get; init; }

    /// <summary>What an engine is shown of it.</summary>
    [JsonIgnore]
    public CaseFrame Frame => new(Incident, Baseline, History, AnalyzedAt);
}

/// <summary>What an engine looks at besides the evidence.</summary>
/// <param name="Incident">The incident as it stood.</param>
/// <param name="Baseline">What the spans are compared with.</param>
/// <param name="History">What was found in earlier analyses, by signature.</param>
/// <param name="AnalyzedAt">When the analysis is made, UTC.</param>
internal sealed record CaseFrame(Incident Incident, Baseline Baseline, IReadOnlyList<RcaPattern> History, DateTimeOffset AnalyzedAt);
