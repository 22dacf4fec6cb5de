using System.Text.Json.Serialization;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.AspNetCore.Importing;

/// <summary>The JSON of this room's answers; no setting of the host changes it.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, MaxDepth = JsonRules.MaxDocumentDepth)]
[JsonSerializable(typeof(ImportResponse))]
internal sealed partial class ImportingJsonContext : JsonSerializerContext;
