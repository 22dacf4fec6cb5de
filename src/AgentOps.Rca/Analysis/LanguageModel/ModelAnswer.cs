using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>
/// What a model is asked to answer: slots that code checks one by one. Only the explanations are sentences of its own, and none of them
/// becomes a cause.
/// </summary>
internal sealed record ModelAnswer
{
    public const string Cause = "cause";
    public const string NothingWrong = "nothing_wrong";
    public const string Unknown = "unknown";

    [JsonRequired]
    public string? Verdict { get; init; }

    [JsonRequired]
    public IReadOnlyList<ModelHypothesis>? Hypotheses { get; init; }

    public IReadOnlyList<ModelExclusion>? RuledOut { get; init; }

    /// <summary>The steps whose whole texts it wants to see before it answers.</summary>
    public IReadOnlyList<string?>? More { get; init; }
}

/// <param name="Step">The id of the culprit: a step, or a piece of evidence, which stands for its span.</param>
/// <param name="Mechanism">One of <see cref="Mechanisms"/>.</param>
/// <param name="Word">A word for it where the mechanism is <c>other</c>.</param>
/// <param name="Evidence">What shows it.</param>
/// <param name="Explains">The ids of the steps that are symptoms of it.</param>
/// <param name="Confidence">How sure the model is.</param>
/// <param name="Explanation">Its own words.</param>
internal sealed record ModelHypothesis(
    string? Step, string? Mechanism, string? Word, IReadOnlyList<ModelCitation>? Evidence, IReadOnlyList<string?>? Explains, double? Confidence, string? Explanation);

/// <param name="Id">The id of a step or of evidence.</param>
/// <param name="Why">The model's own words.</param>
internal sealed record ModelExclusion(string? Id, string? Why);

/// <param name="Id">The id of a step or of evidence.</param>
/// <param name="Quote">Words copied from it.</param>
/// <param name="Pointer">A JSON pointer into what evidence was read from.</param>
internal sealed record ModelCitation(string? Id, string? Quote, string? Pointer);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    MaxDepth = 16)]
[JsonSerializable(typeof(ModelAnswer))]
[JsonSerializable(typeof(EvidenceLine))]
[JsonSerializable(typeof(StepLine))]
[JsonSerializable(typeof(TextLine))]
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
