using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Storage.Contents;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Sqlite.Tests;

public sealed class SuiteCoverageTests
{
    [Fact]
    public void Every_store_of_the_package_has_a_suite() =>
        StoreSuiteCoverage.AssertComplete(typeof(SqliteStores).Assembly, typeof(SuiteCoverageTests).Assembly);

    [Fact]
    public void The_store_over_small_content_has_a_suite() =>
        StoreSuiteCoverage.AssertComplete(
            typeof(IArtifactStore).Assembly, typeof(SuiteCoverageTests).Assembly, static store => store == typeof(LayeredContentStore));
}
