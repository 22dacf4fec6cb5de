using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Storage.InMemory;

[StoreUnderTest(typeof(InMemoryIncidentStore))]
public sealed class InMemoryIncidentStoreTests(InMemoryBackend backend) : IncidentStoreSuite(backend), IClassFixture<InMemoryBackend>;
