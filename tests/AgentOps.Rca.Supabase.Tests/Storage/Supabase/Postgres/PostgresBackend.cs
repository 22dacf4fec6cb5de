using AgentOps.Rca.Storage;
using AgentOps.Rca.Storage.Supabase.Postgres;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.Postgres;

public sealed class PostgresBackend : SupabaseTestBackend
{
    public override string Name => "PostgreSQL";

    internal override DatabaseBackend Open() => new SupabaseBackend(
        new SupabaseBackendOptions { ConnectionString = Database.Direct }, TimeProvider.System, NullLoggerFactory.Instance);
}

public sealed class PgBouncerBackend : SupabaseTestBackend
{
    public override string Name => "PgBouncer in transaction mode";

    internal override DatabaseBackend Open() => new SupabaseBackend(
        new SupabaseBackendOptions { ConnectionString = Database.Pooled }, TimeProvider.System, NullLoggerFactory.Instance);
}
