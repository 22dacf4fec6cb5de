using System.ComponentModel.DataAnnotations;
using AgentOps.Rca.Settings;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>
/// What an analysis may spend on a language model, from the section <c>AgentOpsRca:LanguageModel</c>. Tokens of a prompt are estimated
/// as its bytes of UTF-8 divided by three.
/// </summary>
public sealed class LanguageModelOptions
{
    /// <summary>How many tokens the first prompt may have. With the answer it fits the 8,000 a minute of Groq's free plan.</summary>
    [Range(1_500, 100_000)]
    public int MaxPromptTokens { get; set; } = 3_800;

    /// <summary>How many tokens an answer may have, reasoning included.</summary>
    [Range(256, 65_536)]
    public int MaxAnswerTokens { get; set; } = 4_096;

    /// <summary>How many tokens all calls of one analysis may use together, prompts and answers.</summary>
    [Range(2_000, 1_000_000)]
    public int MaxTokensPerAnalysis { get; set; } = 32_000;

    /// <summary>How much all calls of one analysis may cost together, in US dollars, where the model's price is known.</summary>
    [Range(0.0, 1_000.0)]
    public double MaxCostUsdPerAnalysis { get; set; } = 0.05;

    /// <summary>How often a model whose answer cannot be used is told why and asked again.</summary>
    [Range(0, 2)]
    public int MaxRepairs { get; set; } = 2;
}

[OptionsValidator]
internal sealed partial class LanguageModelOptionsAttributes : IValidateOptions<LanguageModelOptions>;

internal static class LanguageModelRules
{
    public static IEnumerable<SettingMistake> Find(LanguageModelOptions options)
    {
        if (options.MaxTokensPerAnalysis <= options.MaxAnswerTokens)
        {
            yield return new(
                nameof(options.MaxTokensPerAnalysis),
                $"must be more than {nameof(options.MaxAnswerTokens)}, which is {options.MaxAnswerTokens}; otherwise no call is ever made.");
        }
    }
}
