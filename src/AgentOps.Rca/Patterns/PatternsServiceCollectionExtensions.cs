using AgentOps.Rca.Analysis;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AgentOps.Rca.Patterns;

internal static class PatternsServiceCollectionExtensions
{
    /// <summary>What earlier analyses found, for later analyses and for people.</summary>
    public static void AddPatterns(this IServiceCollection services)
    {
        services.TryAddSingleton(static provider => new RcaPatterns(provider.GetShared<ISpanStore>()));
        services.TryAddSingleton<IRcaHistory, PatternHistory>();
    }
}
