using AgentOps.Rca.Storage.SupabaseApi;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Supabase.Tests.Storage.SupabaseApi;

[StoreUnderTest(typeof(SupabaseApiIncidentStore))]
public sealed class SupabaseApiIncidentStoreTests(DataApiBackend backend) : IncidentStoreSuite(backend), IClassFixture<DataApiBackend>;
