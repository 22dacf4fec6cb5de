using AgentOps.Rca.Storage.Contents;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Sqlite.Tests.Contents;

[StoreUnderTest(typeof(LayeredContentStore))]
public sealed class LayeredContentStoreSuiteTests(LayeredContentBackend backend)
    : ArtifactContentStoreSuite(backend), IClassFixture<LayeredContentBackend>;

[StoreUnderTest(typeof(LayeredContentStore))]
public sealed class LayeredContentRetentionSuiteTests(LayeredContentBackend backend)
    : ArtifactContentRetentionSuite(backend), IClassFixture<LayeredContentBackend>;
