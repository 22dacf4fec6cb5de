using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Sqlite.Tests;

[StoreUnderTest(typeof(SqliteIncidentStore))]
public sealed class SqliteIncidentStoreTests(SqliteBackend backend) : IncidentStoreSuite(backend), IClassFixture<SqliteBackend>;
