using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>
/// What model calls cost. A chat client that knows hands this out through <see cref="IChatClient.GetService"/>; without it, costs are
/// unknown.
/// </summary>
public interface IModelPrices
{
    /// <summary>The cost of a call in US dollars, or null when it is unknown: never the price of another model.</summary>
    /// <param name="model">The model that answered or will be asked, or null when that is unknown.</param>
    /// <param name="usage">The tokens.</param>
    decimal? CostUsd(string? model, UsageDetails? usage);
}
