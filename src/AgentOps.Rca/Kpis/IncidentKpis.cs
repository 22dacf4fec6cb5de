using System.Text.Json.Serialization;

namespace AgentOps.Rca.Kpis;

/// <summary>The figures of an incident, each null when it is unknown, and what each was made of.</summary>
public sealed record IncidentKpis
{
    /// <summary>The incident.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary>
    /// Seconds from the first start to the last end of the evidence spans. Where clocks disagree (a call begins before the one that made it),
    /// each call is first moved to the clock of the one that made it. Null where the file that the evidence came from does not say when it was.
    /// </summary>
    public double? EvidenceTime { get; init; }

    /// <summary>Seconds from the detection of the failure to the end of the first analysis.</summary>
    public double? TimeToRca { get; init; }

    /// <summary>
    /// What the analyses cost, in US dollars, at the prices in force when they were made. Null when there was none, or when the cost of
    /// one of their model calls is unknown; 0 when they called no model.
    /// </summary>
    public double? TokensCost { get; init; }

    /// <summary>What <see cref="EvidenceTime"/> was made of, or null.</summary>
    public EvidenceTimeParts? Evidence { get; init; }

    /// <summary>What <see cref="TimeToRca"/> was made of, or null.</summary>
    public TimeToRcaParts? Analysis { get; init; }

    /// <summary>The model calls of the analyses, by model; empty when there was none.</summary>
    public IReadOnlyList<ModelUsage> AnalysisUsage { get; init; } = [];

    /// <summary>The agent's own model calls, all models together, from <c>gen_ai.usage.*</c>; null when there is none.</summary>
    public ModelUsage? AgentUsage { get; init; }

    /// <summary>The agent's own model calls, by model; empty when there is none.</summary>
    public IReadOnlyList<ModelUsage> AgentUsageByModel { get; init; } = [];
}

/// <summary>From where to where the evidence reaches.</summary>
/// <param name="From">The first start as it was recorded, UTC.</param>
/// <param name="FromSpanId">The span that starts then; the first id when several do.</param>
/// <param name="To">The last end as it was recorded, UTC.</param>
/// <param name="ToSpanId">The span that ends then; the first id when several do.</param>
/// <param name="SpanCount">How many spans are evidence.</param>
public sealed record EvidenceTimeParts(DateTimeOffset From, string FromSpanId, DateTimeOffset To, string ToSpanId, long SpanCount)
{
    /// <summary>By how many seconds a clock had to be moved, at most, so that no call begins before the one that made it; null when none disagrees.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ClockSkew { get; init; }
}

/// <summary>From detection to the first root cause.</summary>
/// <param name="DetectedAt">The start of the first <c>tool.call/detect…</c> span, else when the incident was opened, UTC.</param>
/// <param name="DetectedBySpanId">The span that detected the failure; null when the incident's own time was taken.</param>
/// <param name="AnalyzedAt">The end of the first analysis, UTC.</param>
/// <param name="AnalysisSpanId">The span of that analysis.</param>
public sealed record TimeToRcaParts(DateTimeOffset DetectedAt, string? DetectedBySpanId, DateTimeOffset AnalyzedAt, string AnalysisSpanId);

/// <summary>The calls of a model, added up. A sum is null when one of its calls does not say.</summary>
/// <param name="Model">The model that answered; null when the calls do not say, or when it is a sum over models.</param>
/// <param name="Calls">How many calls there were.</param>
/// <param name="InputTokens">Tokens in.</param>
/// <param name="OutputTokens">Tokens out.</param>
/// <param name="CostUsd">The cost in US dollars.</param>
public sealed record ModelUsage(string? Model, long Calls, long? InputTokens, long? OutputTokens, double? CostUsd);
