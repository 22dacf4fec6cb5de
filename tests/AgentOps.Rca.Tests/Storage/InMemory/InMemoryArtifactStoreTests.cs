using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Storage.InMemory;

[StoreUnderTest(typeof(InMemoryArtifactStore))]
public sealed class InMemoryArtifactStoreTests(InMemoryBackend backend) : ArtifactStoreSuite(backend), IClassFixture<InMemoryBackend>;
