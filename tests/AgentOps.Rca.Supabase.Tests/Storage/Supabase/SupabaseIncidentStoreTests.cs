using AgentOps.Rca.Storage.Supabase;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase;

[StoreUnderTest(typeof(SupabaseIncidentStore))]
public sealed class SupabaseIncidentStoreTests(PostgresBackend backend) : IncidentStoreSuite(backend), IClassFixture<PostgresBackend>;

[StoreUnderTest(typeof(SupabaseIncidentStore))]
public sealed class SupabaseIncidentStorePooledTests(PgBouncerBackend backend) : IncidentStoreSuite(backend), IClassFixture<PgBouncerBackend>;
