using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AgentOps.Rca.Storage.Scoped;

internal static class SharedStoresServiceCollectionExtensions
{
    /// <summary>The stores as <see cref="SharedStores"/> says, whichever way and whenever the user registered them.</summary>
    public static void AddSharedStores(this IServiceCollection services)
    {
        services.AddShared<IIncidentStore>(static calls => new ScopedIncidentStore(calls));
        services.AddShared<ISpanStore>(static calls => new ScopedSpanStore(calls));
        services.AddShared<IArtifactStore>(static calls => new ScopedArtifactStore(calls));
        services.AddShared<IArtifactContentStore>(static calls => new ScopedArtifactContentStore(calls));

        // What links, or null when nothing does.
        services.TryAddKeyedSingleton<ISpanLinker>(SharedStores.Key, (provider, _) => services.IsShared<ISpanLinker>()
            ? provider.GetRequiredService<ISpanLinker>() is var linker and not MissingSpanAbilities ? linker : null!
            : (provider.GetShared<ISpanStore>() as ScopedSpanStore)?.Linker!);

        // A backend says what it can; a store of the user's own, in the place of a backend's, by implementing it.
        services.TryAddSingleton(static provider => provider.GetShared<ISpanStore>() switch
        {
            ScopedSpanStore scoped => scoped.Linker ?? MissingSpanAbilities.Instance,
            var store => (BackendOf(provider, store) is { } backend ? backend.Linker : store as ISpanLinker) ?? MissingSpanAbilities.Instance,
        });
        services.TryAddSingleton(static provider => provider.GetShared<ISpanStore>() switch
        {
            ScopedSpanStore scoped => scoped.Retention ?? MissingSpanAbilities.Instance,
            var store => (BackendOf(provider, store) is { } backend ? backend.Retention : store as ISpanRetention) ?? MissingSpanAbilities.Instance,
        });
    }

    private static StorageBackend? BackendOf(IServiceProvider provider, ISpanStore spans) =>
        provider.GetRequiredService<StorageBackend>() is var backend && ReferenceEquals(backend.Spans, spans) ? backend : null;

    private static void AddShared<TStore>(this IServiceCollection services, Func<ScopedCalls<TStore>, TStore> scoped)
        where TStore : class =>
        services.TryAddKeyedSingleton(SharedStores.Key, (provider, _) => services.IsShared<TStore>()
            ? provider.GetRequiredService<TStore>()
            : scoped(new ScopedCalls<TStore>(provider.GetRequiredService<IServiceScopeFactory>())));

    // The last registration is the one that is resolved.
    private static bool IsShared<TStore>(this IServiceCollection services) =>
        services.LastOrDefault(static service => service.ServiceType == typeof(TStore) && !service.IsKeyedService)
            is not { Lifetime: not ServiceLifetime.Singleton };
}
