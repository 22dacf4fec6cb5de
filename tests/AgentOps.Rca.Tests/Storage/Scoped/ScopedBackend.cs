using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Storage.Scoped;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tests.Storage.Scoped;

/// <summary>Stores in memory that are handed out scope by scope.</summary>
public sealed class ScopedBackend : StoreBackend
{
    public override string Name => "Memory, scope by scope";

    public override ValueTask<StoreSet> CreateAsync() => ValueTask.FromResult<StoreSet>(new ScopedSet());

    private sealed class ScopedSet : StoreSet
    {
        private readonly ServiceProvider _provider;

        public ScopedSet()
        {
            var (incidents, spans, rows, contents) = (new InMemoryIncidentStore(), new InMemorySpanStore(), new InMemoryArtifactStore(), new InMemoryArtifactContentStore(TimeProvider.System));
            var services = new ServiceCollection();
            services.AddScoped<IIncidentStore>(_ => incidents);
            services.AddScoped<ISpanStore>(_ => spans);
            services.AddScoped<IArtifactStore>(_ => rows);
            services.AddScoped<IArtifactContentStore>(_ => contents);
            services.AddSharedStores();
            _provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true });
        }

        public override IIncidentStore Incidents => _provider.GetShared<IIncidentStore>();

        public override ISpanStore Spans => _provider.GetShared<ISpanStore>();

        public override IArtifactStore Artifacts => _provider.GetShared<IArtifactStore>();

        public override IArtifactContentStore Contents => _provider.GetShared<IArtifactContentStore>();

        public override ValueTask DisposeAsync() => _provider.DisposeAsync();
    }
}

[StoreUnderTest(typeof(ScopedIncidentStore))]
public sealed class ScopedIncidentStoreTests(ScopedBackend backend) : IncidentStoreSuite(backend), IClassFixture<ScopedBackend>;

[StoreUnderTest(typeof(ScopedSpanStore))]
public sealed class ScopedSpanStoreTests(ScopedBackend backend) : SpanStoreSuite(backend), IClassFixture<ScopedBackend>;

[StoreUnderTest(typeof(ScopedArtifactStore))]
public sealed class ScopedArtifactStoreTests(ScopedBackend backend) : ArtifactStoreSuite(backend), IClassFixture<ScopedBackend>;

[StoreUnderTest(typeof(ScopedArtifactContentStore))]
public sealed class ScopedArtifactContentStoreTests(ScopedBackend backend) : ArtifactContentStoreSuite(backend), IClassFixture<ScopedBackend>;
