using AgentOps.Rca.Storage.SupabaseApi;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Supabase.Tests.Storage.SupabaseApi;

[StoreUnderTest(typeof(SupabaseApiArtifactStore))]
public sealed class SupabaseApiArtifactStoreTests(DataApiBackend backend) : ArtifactStoreSuite(backend), IClassFixture<DataApiBackend>;
