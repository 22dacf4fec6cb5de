using AgentOps.Rca.Storage.Supabase.DataApi;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.DataApi;

[StoreUnderTest(typeof(SupabaseApiArtifactStore))]
public sealed class SupabaseApiArtifactStoreTests(DataApiBackend backend) : ArtifactStoreSuite(backend), IClassFixture<DataApiBackend>;
