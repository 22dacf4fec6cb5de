using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Storage.InMemory;

[StoreUnderTest(typeof(InMemoryArtifactContentStore))]
public sealed class InMemoryContentRetentionTests(InMemoryBackend backend) : ArtifactContentRetentionSuite(backend), IClassFixture<InMemoryBackend>;
