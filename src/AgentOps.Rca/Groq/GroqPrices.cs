using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Groq;

/// <summary>What a model costs, in USD per million tokens.</summary>
/// <param name="Input">Per million tokens of the prompt.</param>
/// <param name="CachedInput">Per million tokens of the prompt that were cached, or null when caching brings no discount.</param>
/// <param name="Output">Per million tokens of the answer, reasoning included.</param>
public sealed record GroqPrice(decimal Input, decimal? CachedInput, decimal Output);

/// <summary>Groq's list prices, as read on the date given here. Override them with <see cref="GroqOptions.Prices"/>.</summary>
internal static class GroqPrices
{
    private const decimal TokensPerPrice = 1_000_000m;

    /// <summary>When the table was read, as year and month.</summary>
    public const string ReadOn = "2026-07";

    /// <summary>The table, by model id. Source: https://groq.com/pricing.</summary>
    public static IReadOnlyDictionary<string, GroqPrice> Table { get; } = new Dictionary<string, GroqPrice>(StringComparer.Ordinal)
    {
        ["llama-3.3-70b-versatile"] = new(0.59m, null, 0.79m),
        ["openai/gpt-oss-120b"] = new(0.15m, 0.075m, 0.60m),
        ["openai/gpt-oss-20b"] = new(0.075m, 0.0375m, 0.30m),
    };

    /// <summary>
    /// What a call cost in USD: (input − cached) × input price + cached × cached price + output × output price, each per million.
    /// Null when the model's price or the usage is unknown; never 0 for what is not known.
    /// </summary>
    /// <param name="model">The model that answered.</param>
    /// <param name="usage">What it used, or null when that is unknown.</param>
    /// <param name="overrides">Prices that win over the table, or null.</param>
    public static decimal? Cost(string? model, UsageDetails? usage, IReadOnlyDictionary<string, GroqPrice>? overrides = null)
    {
        if (usage is not { InputTokenCount: { } input, OutputTokenCount: { } output } || Find(model, overrides) is not { } price)
        {
            return null;
        }

        var cached = Math.Clamp(usage.CachedInputTokenCount ?? 0, 0, input);
        return (((input - cached) * price.Input) + (cached * (price.CachedInput ?? price.Input)) + (output * price.Output)) / TokensPerPrice;
    }

    private static GroqPrice? Find(string? model, IReadOnlyDictionary<string, GroqPrice>? overrides) =>
        model is null ? null
        : overrides?.GetValueOrDefault(model) is { } own ? own
        : Table.GetValueOrDefault(model);
}
