using AgentOps.Rca.Supabase.Tests.Storage.Supabase.DataApi;
using AgentOps.Rca.Supabase.Tests.Storage.Supabase.Postgres;
using AgentOps.Rca.Testing.Bundles;

namespace AgentOps.Rca.Supabase.Tests.Bundles;

public sealed class PostgresBundleTests(PostgresBackend backend) : BundleSuite(backend), IClassFixture<PostgresBackend>;

public sealed class DataApiBundleTests(DataApiBackend backend) : BundleSuite(backend), IClassFixture<DataApiBackend>;
