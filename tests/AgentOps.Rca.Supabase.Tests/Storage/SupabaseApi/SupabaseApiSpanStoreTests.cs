using AgentOps.Rca.Storage.SupabaseApi;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Supabase.Tests.Storage.SupabaseApi;

[StoreUnderTest(typeof(SupabaseApiSpanStore))]
public sealed class SupabaseApiSpanStoreTests(DataApiBackend backend) : SpanStoreSuite(backend), IClassFixture<DataApiBackend>;
