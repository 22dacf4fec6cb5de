using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Supabase.Tests;

public sealed class SuiteCoverageTests
{
    [Fact]
    public void Every_store_that_needs_servers_has_a_suite() => StoreSuiteCoverage.AssertComplete(
        typeof(IArtifactStore).Assembly, typeof(SuiteCoverageTests).Assembly, ServerStores.NeedsServers);
}
