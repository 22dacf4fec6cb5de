using AgentOps.Rca.Storage.Contents;
using AgentOps.Rca.Supabase.Tests.Storage.Supabase.DataApi;
using AgentOps.Rca.Supabase.Tests.Storage.Supabase.Postgres;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Supabase.Tests.Storage.Contents;

[StoreUnderTest(typeof(ChunkedContentStore))]
public sealed class ChunkedContentRetentionTests(PostgresBackend backend)
    : ArtifactContentRetentionSuite(backend), IClassFixture<PostgresBackend>;

[StoreUnderTest(typeof(ChunkedContentStore))]
public sealed class ChunkedContentRetentionPooledTests(PgBouncerBackend backend)
    : ArtifactContentRetentionSuite(backend), IClassFixture<PgBouncerBackend>;

[StoreUnderTest(typeof(ChunkedContentStore))]
public sealed class ChunkedContentRetentionDataApiTests(DataApiBackend backend)
    : ArtifactContentRetentionSuite(backend), IClassFixture<DataApiBackend>;
