using System.Text.Json;
using System.Text.Json.Serialization;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Replay;

/// <summary>The stored form of a replay, as bundles hold it: canonical JSON without the incident and the report, which lie beside it.</summary>
internal static class ReplayJson
{
    /// <summary>The stored form.</summary>
    /// <param name="result">The result of a replay.</param>
    public static byte[] ToUtf8(ReplayResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return CanonicalJson.ToUtf8(JsonSerializer.SerializeToElement(ReplaySummary.Of(result), ReplayJsonContext.Default.ReplaySummary));
    }
}

internal sealed record ReplaySummary(
    Guid IncidentId,
    ReplayVerdict Verdict,
    ReplayDeviation? FirstDivergence,
    IReadOnlyList<ReplayDeviation> Deviations,
    long DeviationCount,
    long SpanCount,
    long ArtifactCount,
    IReadOnlyList<ReplayedAnalysis> Analyses,
    string ReplayDigest)
{
    public static ReplaySummary Of(ReplayResult result) => new(
        result.Incident.Id, result.Verdict, result.FirstDivergence, result.Deviations, result.DeviationCount, result.SpanCount,
        result.ArtifactCount, result.Analyses, result.ReplayDigest);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, Converters = [typeof(UtcTimestampConverter)],
    MaxDepth = JsonRules.MaxDocumentDepth)]
[JsonSerializable(typeof(ReplaySummary))]
internal sealed partial class ReplayJsonContext : JsonSerializerContext;
