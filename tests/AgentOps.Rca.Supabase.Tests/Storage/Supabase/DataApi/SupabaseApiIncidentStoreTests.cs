using AgentOps.Rca.Storage.Supabase.DataApi;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.DataApi;

[StoreUnderTest(typeof(SupabaseApiIncidentStore))]
public sealed class SupabaseApiIncidentStoreTests(DataApiBackend backend) : IncidentStoreSuite(backend), IClassFixture<DataApiBackend>;
