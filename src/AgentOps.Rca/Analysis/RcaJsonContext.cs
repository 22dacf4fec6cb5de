using System.Text.Json.Serialization;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Analysis;

/// <summary>The JSON of reports and case manifests.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DictionaryKeyPolicy = JsonKnownNamingPolicy.Unspecified,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    Converters = [typeof(UtcTimestampConverter)],
    MaxDepth = JsonRules.MaxDocumentDepth)]
[JsonSerializable(typeof(RcaReport))]
[JsonSerializable(typeof(CaseManifest))]
internal sealed partial class RcaJsonContext : JsonSerializerContext;
