using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Spans.Ingest;

internal static class SpansServiceCollectionExtensions
{
    /// <summary>The way in for spans, what brings them into incidents, and what counts them there.</summary>
    public static void AddSpans(this IServiceCollection services)
    {
        services.TryAddSingleton(static provider => new SpanLogLinks(
            provider.GetShared<ISpanStore>(), provider.GetKeyedService<ISpanLinker>(SharedStores.Key)));
        services.TryAddSingleton<ISpanIntake>(static provider => new SpanIntake(
            provider.GetShared<ISpanStore>(),
            new Lazy<ISpanObserver[]>(() => [.. provider.GetServices<ISpanObserver>()], LazyThreadSafetyMode.PublicationOnly),
            provider.GetRequiredService<SpanLogLinks>(),
            provider.GetRequiredService<ILogger<SpanIntake>>()));
        services.TryAddSingleton<ISpanLinking>(static provider => new SpanLinking(
            provider.GetRequiredService<ISpanLinker>(), provider.GetRequiredService<SpanLogLinks>()));
        services.TryAddSingleton(static provider => new SpanIngests(
            provider.GetRequiredService<ISpanIntake>(),
            provider.GetShared<ISpanStore>(),
            provider.GetShared<IArtifactStore>(),
            provider.GetShared<IIncidentStore>(),
            provider.GetKeyedService<ISpanLinker>(SharedStores.Key),
            provider.GetRequiredService<SpanLogLinks>()));
        services.TryAddSingleton<IIncidentCounter>(static provider => new IncidentCounter(
            provider.GetShared<ISpanStore>(), provider.GetShared<IArtifactStore>()));
    }
}
