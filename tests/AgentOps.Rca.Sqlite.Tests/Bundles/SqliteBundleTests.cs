using AgentOps.Rca.Testing.Bundles;

namespace AgentOps.Rca.Sqlite.Tests.Bundles;

public sealed class SqliteBundleTests(SqliteBackend backend) : BundleSuite(backend), IClassFixture<SqliteBackend>
{
    protected override bool KeepsContents => false;
}
