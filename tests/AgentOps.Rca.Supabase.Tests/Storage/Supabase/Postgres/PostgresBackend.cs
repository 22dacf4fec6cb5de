using AgentOps.Rca.Storage;
using AgentOps.Rca.Storage.Supabase.Postgres;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.Postgres;

public sealed class PostgresBackend : SupabaseTestBackend
{
    public override string Name => "PostgreSQL";

    internal override StorageBackend Open() => new SupabaseBackend(
        new SupabaseBackendOptions { ConnectionString = Database.Direct }, TimeProvider.System, NullLoggerFactory.Instance);
}

/// <summary>The table of spans in partitions (docs/scale.md).</summary>
public sealed class PartitionedBackend : SupabaseTestBackend
{
    public override string Name => "PostgreSQL in partitions";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        if (Unavailable is null)
        {
            await Database.PartitionAsync();
        }
    }

    internal override StorageBackend Open() => new SupabaseBackend(
        new SupabaseBackendOptions { ConnectionString = Database.Direct }, TimeProvider.System, NullLoggerFactory.Instance);
}

public sealed class PgBouncerBackend : SupabaseTestBackend
{
    public override string Name => "PgBouncer in transaction mode";

    internal override StorageBackend Open() => new SupabaseBackend(
        new SupabaseBackendOptions { ConnectionString = Database.Pooled }, TimeProvider.System, NullLoggerFactory.Instance);
}

/// <summary>A data source that the host made and owns, as <c>UsePostgres(dataSource)</c> takes it.</summary>
public sealed class DataSourceBackend : SupabaseTestBackend
{
    private Npgsql.NpgsqlDataSource? _source;

    public override string Name => "PostgreSQL by a data source of the host";

    public override async ValueTask DisposeAsync()
    {
        if (_source is not null)
        {
            await _source.DisposeAsync();
        }

        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    internal override StorageBackend Open()
    {
        _source ??= new Npgsql.NpgsqlDataSourceBuilder(SupabaseConnectionString.Parse(Database.Direct, "The test").Settings.ConnectionString).Build();
        return new SupabaseBackend(
            new SupabaseBackendOptions { ConnectionString = _source.ConnectionString, DataSource = _source, Kind = "PostgreSQL" },
            TimeProvider.System,
            NullLoggerFactory.Instance);
    }
}
