using AgentOps.Rca.Testing.Bundles;
using AgentOps.Rca.Tests.Storage.InMemory;

namespace AgentOps.Rca.Tests.Bundles;

public sealed class InMemoryBundleTests(InMemoryBackend backend) : BundleSuite(backend), IClassFixture<InMemoryBackend>;
