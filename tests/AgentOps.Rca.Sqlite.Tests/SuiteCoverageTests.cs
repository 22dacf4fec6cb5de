using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Sqlite.Tests;

public sealed class SuiteCoverageTests
{
    [Fact]
    public void Every_store_of_the_package_has_a_suite() =>
        StoreSuiteCoverage.AssertComplete(typeof(SqliteStores).Assembly, typeof(SuiteCoverageTests).Assembly);
}
