using AgentOps.Rca.Storage.Contents;
using AgentOps.Rca.Supabase.Tests.Storage.Supabase.DataApi;
using AgentOps.Rca.Supabase.Tests.Storage.Supabase.Postgres;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Supabase.Tests.Storage.Contents;

[StoreUnderTest(typeof(ChunkedContentStore))]
public sealed class ChunkedContentStoreTests(PostgresBackend backend) : ArtifactContentStoreSuite(backend), IClassFixture<PostgresBackend>;

[StoreUnderTest(typeof(ChunkedContentStore))]
public sealed class ChunkedContentStorePooledTests(PgBouncerBackend backend)
    : ArtifactContentStoreSuite(backend), IClassFixture<PgBouncerBackend>;

[StoreUnderTest(typeof(ChunkedContentStore))]
public sealed class ChunkedContentStoreDataApiTests(DataApiBackend backend)
    : ArtifactContentStoreSuite(backend), IClassFixture<DataApiBackend>;
