using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentOps.Rca.Groq;

internal sealed record GroqRequest
{
    public required string Model { get; init; }

    public required IReadOnlyList<GroqMessage> Messages { get; init; }

    public int? MaxCompletionTokens { get; init; }

    public float? Temperature { get; init; }

    public float? TopP { get; init; }

    public long? Seed { get; init; }

    public IReadOnlyList<string>? Stop { get; init; }

    public bool? Stream { get; init; }

    public GroqResponseFormat? ResponseFormat { get; init; }

    public string? ReasoningEffort { get; init; }

    public bool? IncludeReasoning { get; init; }

    public string? ServiceTier { get; init; }
}

internal sealed record GroqMessage(string Role, string Content);

internal sealed record GroqResponseFormat(string Type, GroqJsonSchema? JsonSchema = null);

internal sealed record GroqJsonSchema(string Name, bool Strict, JsonElement Schema);

/// <summary>A completion, or a chunk of one. What has no bearing on the answer is read leniently, as an element.</summary>
internal sealed record GroqCompletion
{
    public string? Id { get; init; }

    public string? Model { get; init; }

    public string? SystemFingerprint { get; init; }

    public IReadOnlyList<GroqChoice>? Choices { get; init; }

    public JsonElement Usage { get; init; }

    public JsonElement XGroq { get; init; }

    public JsonElement Error { get; init; }
}

internal sealed record GroqChoice
{
    public string? FinishReason { get; init; }

    public GroqAnswer? Message { get; init; }

    public GroqAnswer? Delta { get; init; }
}

internal sealed record GroqAnswer
{
    public string? Content { get; init; }

    public string? Reasoning { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GroqRequest))]
[JsonSerializable(typeof(GroqCompletion))]
internal sealed partial class GroqJsonContext : JsonSerializerContext;
