using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>What a model is asked to answer: claims, each with its citations. Everything else in a report is written by code.</summary>
internal sealed record ModelAnswer
{
    [JsonRequired]
    public IReadOnlyList<ModelHypothesis>? Hypotheses { get; init; }

    public IReadOnlyList<ModelClaim>? ContributingFactors { get; init; }

    public IReadOnlyList<ModelClaim>? Recommendations { get; init; }
}

internal sealed record ModelHypothesis(string? Cause, string? Category, string? Tool, double? Confidence, IReadOnlyList<ModelCitation>? Citations);

internal sealed record ModelClaim(string? Text, IReadOnlyList<ModelCitation>? Citations);

/// <param name="Id">The evidence's id.</param>
/// <param name="Quote">Words copied from the evidence.</param>
/// <param name="Pointer">A JSON pointer into what the evidence was read from.</param>
internal sealed record ModelCitation(string? Id, string? Quote, string? Pointer);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    MaxDepth = 16)]
[JsonSerializable(typeof(ModelAnswer))]
[JsonSerializable(typeof(EvidenceLine))]
[JsonSerializable(typeof(string))]
internal sealed partial class ModelAnswerJsonContext : JsonSerializerContext;

/// <summary>JSON that a model reads.</summary>
internal static class ModelJson
{
    /// <summary>Escapes only what JSON must escape: the reader is a model, not a browser, and copies quotes as it sees them.</summary>
    public static ModelAnswerJsonContext Readable { get; } = new(new JsonSerializerOptions(ModelAnswerJsonContext.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
