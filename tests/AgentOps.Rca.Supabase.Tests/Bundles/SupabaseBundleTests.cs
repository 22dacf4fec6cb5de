using AgentOps.Rca.Supabase.Tests.Storage.Supabase;
using AgentOps.Rca.Supabase.Tests.Storage.SupabaseApi;
using AgentOps.Rca.Testing.Bundles;

namespace AgentOps.Rca.Supabase.Tests.Bundles;

public sealed class PostgresBundleTests(PostgresBackend backend) : BundleSuite(backend), IClassFixture<PostgresBackend>;

public sealed class DataApiBundleTests(DataApiBackend backend) : BundleSuite(backend), IClassFixture<DataApiBackend>;
