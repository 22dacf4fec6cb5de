using AgentOps.Rca.Storage.Supabase.DataApi;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.DataApi;

[StoreUnderTest(typeof(SupabaseApiSpanStore))]
public sealed class SupabaseApiSpanStoreTests(DataApiBackend backend) : SpanStoreSuite(backend), IClassFixture<DataApiBackend>;
