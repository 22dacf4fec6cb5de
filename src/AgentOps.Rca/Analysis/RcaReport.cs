using System.Text.Json.Serialization;
using AgentOps.Rca.Identity;

namespace AgentOps.Rca.Analysis;

/// <summary>
/// What an analysis found. Everything it says rests on <see cref="Evidence"/>. The stored form is canonical JSON without
/// <see cref="ReportDigest"/>, which is the SHA-256 of that form.
/// </summary>
public sealed record RcaReport
{
    /// <summary>The SHA-256 of the stored form; null until the report is stored.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ReportDigest { get; init; }

    /// <summary>The incident it is about.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary><c>identified</c> when the evidence carries a cause, else <c>inconclusive</c>.</summary>
    public required RcaVerdict Verdict { get; init; }

    /// <summary>How sure the engine is of the first hypothesis, from 0 to 1.</summary>
    public required double Confidence { get; init; }

    /// <summary>A few plain sentences for a person.</summary>
    public required string Summary { get; init; }

    /// <summary>The cause in one sentence; null when the verdict is inconclusive.</summary>
    public string? RootCause { get; init; }

    /// <summary>The possible causes, the likeliest first.</summary>
    public IReadOnlyList<RcaHypothesis> Hypotheses { get; init; } = [];

    /// <summary>What made it worse, in sentences.</summary>
    public IReadOnlyList<string> ContributingFactors { get; init; } = [];

    /// <summary>What to do about it, in sentences.</summary>
    public IReadOnlyList<string> Recommendations { get; init; } = [];

    /// <summary>How often this signature was seen before.</summary>
    public IReadOnlyList<RcaPattern> Patterns { get; init; } = [];

    /// <summary>The events that matter, in the order of time.</summary>
    public IReadOnlyList<RcaTimelineEntry> Timeline { get; init; } = [];

    /// <summary>What was not or could not be looked at, in sentences.</summary>
    public IReadOnlyList<string> Gaps { get; init; } = [];

    /// <summary>A message to those concerned, ready to be sent: a subject line, an empty line, and the text.</summary>
    public string? EmailDraft { get; init; }

    /// <summary>What the hypotheses rest on.</summary>
    public IReadOnlyList<RcaEvidence> Evidence { get; init; } = [];

    /// <summary>What a language model ruled out, and why, in its own words; null when it was not asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<RcaStatement>? RuledOut { get; init; }

    /// <summary>How many statements of a language model were of each level; null when it was not asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RcaStatementCounts? Statements { get; init; }

    /// <summary>
    /// The share of claims whose every citation was checked and holds, from 0 to 1; of a language model, the share of its statements that are
    /// quoted or carried. Null when nothing was claimed.
    /// </summary>
    public double? GroundedClaimRate { get; init; }

    /// <summary>The engine whose report this is, such as <c>trace</c> or <c>llm</c>.</summary>
    public required string Engine { get; init; }

    /// <summary>The engine's version; the same version makes the same report of the same case.</summary>
    public required string EngineVersion { get; init; }

    /// <summary>The language model that answered, or null when none did.</summary>
    public string? Model { get; init; }

    /// <summary>The tokens that the analysis used; null when unknown or when no model was called.</summary>
    public RcaUsage? Usage { get; init; }

    /// <summary>What the analysis cost, in US dollars; null when unknown.</summary>
    public double? CostUsd { get; init; }

    /// <summary>The class of this failure without ids: category, tool and error class. Reports of one signature form a pattern.</summary>
    public string? Signature { get; init; }

    /// <summary>When the analysis was made, UTC.</summary>
    public required DateTimeOffset AnalysisTimestamp { get; init; }
}

/// <summary>Whether a cause was found.</summary>
public enum RcaVerdict
{
    /// <summary>The evidence is too weak to name a cause.</summary>
    [JsonStringEnumMemberName("inconclusive")]
    Inconclusive,

    /// <summary>The evidence carries a cause.</summary>
    [JsonStringEnumMemberName("identified")]
    Identified,
}

/// <summary>A possible cause.</summary>
public sealed record RcaHypothesis
{
    /// <summary>Its place, from 1.</summary>
    public required int Rank { get; init; }

    /// <summary>The cause in a sentence.</summary>
    public required string Cause { get; init; }

    /// <summary>The class of the cause, such as <c>rate_limited</c>, <c>loop</c> or <c>stale_data</c>.</summary>
    public required string Category { get; init; }

    /// <summary>The tool (or service and operation) where the cause lies; null when it lies in none.</summary>
    public string? Tool { get; init; }

    /// <summary>How much evidence speaks for it; comparable within one report only.</summary>
    public required double Score { get; init; }

    /// <summary>The ids of the <see cref="RcaReport.Evidence"/> it rests on.</summary>
    public IReadOnlyList<string> Evidence { get; init; } = [];

    /// <summary>Whether every citation of it was checked by code and holds.</summary>
    public bool Grounded { get; init; }

    /// <summary>
    /// Of a cause that a language model names: <c>quoted</c> when code wrote the sentence from words of the records, <c>reading</c> when what
    /// the model cites does not show it. Null for what detectors found.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StatementLevel? Level { get; init; }

    /// <summary>How a language model explains it, sentence by sentence with the level of each; null when it does not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<RcaStatement>? Statements { get; init; }
}

/// <summary>A fact that was read from a span or an artifact.</summary>
public sealed record RcaEvidence
{
    /// <summary>Its id within the report, such as <c>E1</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The detector or the kind of fact, such as <c>error_origin</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The span it was read from, or null.</summary>
    public string? SpanId { get; init; }

    /// <summary>The artifact it was read from, or null.</summary>
    public string? ArtifactDigest { get; init; }

    /// <summary>The place as a JSON pointer (RFC 6901): into the artifact when there is one, else into the span's canonical form.</summary>
    public string? Pointer { get; init; }

    /// <summary>The words themselves, as they stand in the canonical form of the span or in the artifact.</summary>
    public string? Quote { get; init; }

    /// <summary>What it says, in a sentence.</summary>
    public required string Text { get; init; }

    /// <summary>Whether code has found the span or artifact, and the pointer or quote in its bytes.</summary>
    public bool Checked { get; init; }
}

/// <summary>An event on the way to the failure.</summary>
/// <param name="Time">When it happened, UTC.</param>
/// <param name="SpanId">The span it was read from.</param>
/// <param name="Tool">That span's tool.</param>
/// <param name="Text">What happened, in a sentence.</param>
public sealed record RcaTimelineEntry(DateTimeOffset Time, string SpanId, string Tool, string Text);

/// <summary>A signature that was seen before.</summary>
/// <param name="Signature">The class of the failure without ids; see <see cref="RcaSignature"/>.</param>
/// <param name="Count">How many earlier incidents had it, each counted once by its latest analysis.</param>
/// <param name="Incidents">The latest of them, newest first, at most ten.</param>
public sealed record RcaPattern(string Signature, int Count, IReadOnlyList<Guid> Incidents)
{
    /// <summary>When the first of these incidents was analysed, UTC; null in reports of earlier versions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? FirstSeen { get; init; }

    /// <summary>When the latest of them was analysed, UTC; null in reports of earlier versions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? LastSeen { get; init; }

    /// <summary>What people approved then, the latest first, at most three.</summary>
    public IReadOnlyList<RcaPrecedent> Approved { get; init; } = [];
}

/// <summary>A report of an earlier incident that a person approved.</summary>
public sealed record RcaPrecedent
{
    /// <summary>The incident.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary>The digest of the approved report.</summary>
    public required string ReportDigest { get; init; }

    /// <summary>The cause that it names, in at most 300 characters; null when it names none.</summary>
    public string? RootCause { get; init; }

    /// <summary>Who approved it, or null.</summary>
    public string? ApprovedBy { get; init; }

    /// <summary>The same person, and how that is known; null in reports of earlier versions, whose name is a claim for all that is known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Actor? Approver { get; init; }

    /// <summary>What that person wrote, in at most 300 characters, or null.</summary>
    public string? Note { get; init; }

    /// <summary>When it was approved, UTC.</summary>
    public required DateTimeOffset ApprovedAt { get; init; }
}

/// <summary>The tokens that the model calls of an analysis used.</summary>
/// <param name="PromptTokens">Tokens in, cached ones included.</param>
/// <param name="CompletionTokens">Tokens out, reasoning included.</param>
/// <param name="CachedTokens">Those of the tokens in that were cached; null when the model does not say.</param>
/// <param name="Calls">How many calls were made.</param>
public sealed record RcaUsage(long PromptTokens, long CompletionTokens, long? CachedTokens, int Calls);
