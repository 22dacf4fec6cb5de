using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Kpis;

/// <summary>The wire form of the figures: snake_case, times in UTC, null where unknown.</summary>
internal static class KpiJson
{
    /// <summary>How the figures are written and read.</summary>
    public static JsonTypeInfo<IncidentKpis> TypeInfo => KpiJsonContext.Default.IncidentKpis;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcTimestampConverter)],
    MaxDepth = JsonRules.MaxDocumentDepth)]
[JsonSerializable(typeof(IncidentKpis))]
internal sealed partial class KpiJsonContext : JsonSerializerContext;
