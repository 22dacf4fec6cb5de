using AgentOps.Rca.Storage.Supabase.Postgres;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.Postgres;

[StoreUnderTest(typeof(SupabaseArtifactStore))]
public sealed class SupabaseArtifactStoreTests(PostgresBackend backend) : ArtifactStoreSuite(backend), IClassFixture<PostgresBackend>;

[StoreUnderTest(typeof(SupabaseArtifactStore))]
public sealed class SupabaseArtifactStorePooledTests(PgBouncerBackend backend) : ArtifactStoreSuite(backend), IClassFixture<PgBouncerBackend>;
