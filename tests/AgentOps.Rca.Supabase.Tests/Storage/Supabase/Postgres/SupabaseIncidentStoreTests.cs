using AgentOps.Rca.Storage.Supabase.Postgres;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.Postgres;

[StoreUnderTest(typeof(SupabaseIncidentStore))]
public sealed class SupabaseIncidentStoreTests(PostgresBackend backend) : IncidentStoreSuite(backend), IClassFixture<PostgresBackend>;

[StoreUnderTest(typeof(SupabaseIncidentStore))]
public sealed class SupabaseIncidentStorePooledTests(PgBouncerBackend backend) : IncidentStoreSuite(backend), IClassFixture<PgBouncerBackend>;

[StoreUnderTest(typeof(SupabaseIncidentStore))]
public sealed class SupabaseIncidentStoreDataSourceTests(DataSourceBackend backend) : IncidentStoreSuite(backend), IClassFixture<DataSourceBackend>;
