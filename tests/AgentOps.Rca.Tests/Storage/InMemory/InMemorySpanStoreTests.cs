using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Storage.InMemory;

[StoreUnderTest(typeof(InMemorySpanStore))]
public sealed class InMemorySpanStoreTests(InMemoryBackend backend) : SpanStoreSuite(backend), IClassFixture<InMemoryBackend>;
