using AgentOps.Rca.Storage.Supabase.Postgres;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.Postgres;

[StoreUnderTest(typeof(SupabaseSpanStore))]
public sealed class SupabaseSpanStoreTests(PostgresBackend backend) : SpanStoreSuite(backend), IClassFixture<PostgresBackend>;

[StoreUnderTest(typeof(SupabaseSpanStore))]
public sealed class SupabaseSpanStorePooledTests(PgBouncerBackend backend) : SpanStoreSuite(backend), IClassFixture<PgBouncerBackend>;

[StoreUnderTest(typeof(SupabaseSpanStore))]
public sealed class SupabaseSpanStoreDataSourceTests(DataSourceBackend backend) : SpanStoreSuite(backend), IClassFixture<DataSourceBackend>;

[StoreUnderTest(typeof(SupabaseSpanStore))]
public sealed class SupabaseSpanStorePartitionedTests(PartitionedBackend backend) : SpanStoreSuite(backend), IClassFixture<PartitionedBackend>;
