using System.Globalization;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>
/// Keeps the calls of one analysis under its ceilings: a call that might exceed them is refused before it is sent. Each response tells
/// what it cost, where the price is known. Made anew for each analysis.
/// </summary>
internal sealed class BudgetedChatClient(IChatClient inner, LanguageModelOptions options) : DelegatingChatClient(inner)
{
    private readonly IModelPrices? _prices = inner.GetService<IModelPrices>();
    private readonly ChatClientMetadata? _about = inner.GetService<ChatClientMetadata>();
    private long _tokens;
    private decimal _cost;

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var asked = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var most = new UsageDetails
        {
            InputTokenCount = TokenEstimate.Of(asked) + (options?.ResponseFormat is ChatResponseFormatJson { Schema: { } schema } ? TokenEstimate.Of(schema.GetRawText()) : 0),
            OutputTokenCount = options?.MaxOutputTokens ?? 0,
        };
        var model = options?.ModelId ?? _about?.DefaultModelId;
        Check(model, most);
        var response = await base.GetResponseAsync(asked, options, cancellationToken).ConfigureAwait(false);
        var used = response.Usage ?? most;
        _tokens += (used.InputTokenCount ?? most.InputTokenCount ?? 0) + (used.OutputTokenCount ?? most.OutputTokenCount ?? 0);
        var cost = _prices?.CostUsd(response.ModelId, response.Usage);
        _cost += cost ?? _prices?.CostUsd(response.ModelId ?? model, response.Usage ?? most) ?? 0;
        ModelCosts.Set(response, (double?)cost);
        return response;
    }

    private void Check(string? model, UsageDetails most)
    {
        var tokens = _tokens + most.InputTokenCount + most.OutputTokenCount;
        if (tokens > options.MaxTokensPerAnalysis)
        {
            throw Refused(string.Create(
                CultureInfo.InvariantCulture,
                $"The next model call might bring the analysis to {tokens} tokens, over its ceiling of {options.MaxTokensPerAnalysis}."));
        }

        var cost = _cost + (_prices?.CostUsd(model, most) ?? 0);
        if (cost > (decimal)options.MaxCostUsdPerAnalysis)
        {
            throw Refused(string.Create(
                CultureInfo.InvariantCulture,
                $"The next model call might bring the analysis to {cost:0.000000} USD, over its ceiling of {options.MaxCostUsdPerAnalysis} USD."));
        }
    }

    private static ModelCallException Refused(string message) => new(message) { NothingWasSent = true };
}

/// <summary>Where a response carries what it cost.</summary>
internal static class ModelCosts
{
    public static double? Get(ChatResponse response) =>
        response.AdditionalProperties?.TryGetValue(AnalysisSpan.CostUsd, out var cost) == true ? cost as double? : null;

    public static void Set(ChatResponse response, double? cost)
    {
        if (cost is not null)
        {
            (response.AdditionalProperties ??= [])[AnalysisSpan.CostUsd] = cost;
        }
    }
}
