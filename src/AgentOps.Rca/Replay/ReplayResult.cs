using AgentOps.Rca.Analysis;
using AgentOps.Rca.Incidents;

namespace AgentOps.Rca.Replay;

/// <summary>What the replay of an incident proves, and what it found.</summary>
public sealed record ReplayResult
{
    /// <summary>The incident as it stands.</summary>
    public required Incident Incident { get; init; }

    /// <summary>What is proved.</summary>
    public required ReplayVerdict Verdict { get; init; }

    /// <summary>The first finding that makes it diverge, in causal order; null when nothing does.</summary>
    public ReplayDeviation? FirstDivergence { get; init; }

    /// <summary>The findings in causal order, at most the first 1,000.</summary>
    public IReadOnlyList<ReplayDeviation> Deviations { get; init; } = [];

    /// <summary>How many findings there are.</summary>
    public long DeviationCount { get; init; }

    /// <summary>How many spans were walked.</summary>
    public long SpanCount { get; init; }

    /// <summary>How many artifacts were hashed, each once.</summary>
    public long ArtifactCount { get; init; }

    /// <summary>The analyses that were made again, in causal order.</summary>
    public IReadOnlyList<ReplayedAnalysis> Analyses { get; init; } = [];

    /// <summary>
    /// One SHA-256 over the whole walk: the incident, every span in causal order with what became of its artifacts, every finding, every
    /// analysis. The same on any machine, in any culture and for any order of arrival.
    /// </summary>
    public required string ReplayDigest { get; init; }

    /// <summary>The latest report, as it was recorded; null when there is none or it cannot be read.</summary>
    public RcaReport? Rca { get; init; }
}

/// <summary>An analysis that was made again.</summary>
/// <param name="SpanId">The span that records it.</param>
/// <param name="Engine">The engine's name.</param>
/// <param name="EngineVersion">The engine's version as recorded; null when that cannot be read.</param>
/// <param name="ReportDigest">The report that was recorded.</param>
/// <param name="ReplayedDigest">The report that came out now; null when the engine could not be run.</param>
/// <param name="Reproduced">Whether they are the same, and nothing that the analysis looked at has changed.</param>
public sealed record ReplayedAnalysis(
    string SpanId, string Engine, string? EngineVersion, string? ReportDigest, string? ReplayedDigest, bool Reproduced);
