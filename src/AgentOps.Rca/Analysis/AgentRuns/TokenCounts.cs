using System.Text.Json;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>Numbers of tokens in the attributes of a model call.</summary>
internal static class TokenCounts
{
    private static readonly string[] Limits = ["gen_ai.request.max_tokens", "gen_ai.request.max_output_tokens", "ai.settings.maxOutputTokens", "ai.settings.maxTokens", "llm.request.max_tokens"];
    private static readonly string[] Parameters = ["llm.invocation_parameters", "gen_ai.request.parameters", "model_parameters", "langfuse.observation.model.parameters"];
    private static readonly string[] LimitsWithin = ["max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens", "max_new_tokens", "maxTokens"];
    private static readonly string[] Inputs = ["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt", "ai.usage.inputTokens"];

    /// <summary>How many the answer might have, or null.</summary>
    public static long? LimitOf(JsonElement attributes) => First(attributes, Limits)
        ?? Array.ConvertAll(Parameters, name => Within(attributes, name)).FirstOrDefault(static limit => limit is not null);

    /// <summary>How many were given, or null.</summary>
    public static (long? Count, string? Name) InputOf(JsonElement attributes) =>
        Array.Find(Inputs, name => First(attributes, [name]) is not null) is { } known ? (First(attributes, [known]), known) : (null, null);

    private static long? Within(JsonElement attributes, string name) => attributes.ValueKind == JsonValueKind.Object && attributes.TryGetProperty(name, out var value)
        ? First(value.ValueKind == JsonValueKind.String && Envelope.TryParse(value.GetString()!, out var parsed) ? parsed : value, LimitsWithin)
        : null;

    private static long? First(JsonElement value, string[] names)
    {
        foreach (var name in value.ValueKind == JsonValueKind.Object ? names : [])
        {
            if (value.TryGetProperty(name, out var count) && count.ValueKind == JsonValueKind.Number && count.TryGetInt64(out var number) && number > 0)
            {
                return number;
            }
        }

        return null;
    }
}
