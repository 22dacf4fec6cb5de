using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Sqlite.Tests;

[StoreUnderTest(typeof(SqliteSpanStore))]
public sealed class SqliteSpanStoreTests(SqliteBackend backend) : SpanStoreSuite(backend), IClassFixture<SqliteBackend>;
