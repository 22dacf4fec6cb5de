using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Sqlite.Tests;

[StoreUnderTest(typeof(SqliteArtifactStore))]
public sealed class SqliteArtifactStoreTests(SqliteBackend backend) : ArtifactStoreSuite(backend), IClassFixture<SqliteBackend>;
