using AgentOps.Rca.Storage.Supabase.Postgres;
using AgentOps.Rca.Testing.Supabase;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.Postgres;

/// <summary>How much the tables take is told by the database, whatever their parts are and whatever else it holds.</summary>
public sealed class StoredBytesTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tables_are_measured_with_their_parts_and_indexes_and_nothing_of_others(bool inPartitions)
    {
        var token = TestContext.Current.CancellationToken;
        await using var database = await TestDatabase.CreateAsync();
        if (inPartitions)
        {
            await database.PartitionAsync();
        }

        await using var stores = new SupabaseBackend(
            new SupabaseBackendOptions { ConnectionString = database.Direct }, TimeProvider.System, NullLoggerFactory.Instance);
        IStoredBytes measured = stores;
        var empty = await measured.MeasureAsync(token);

        await database.ExecuteAsync("create table public.others as select repeat('x', 100) from generate_series(1, 50000)");
        Assert.Equal(empty, await measured.MeasureAsync(token));

        await database.ExecuteAsync("""
            insert into spans (span_id, tool, start_ts, end_ts, attributes, incident_id)
            select 's' || i, 'tool.call/t', i, i + 1, '{"a":1}', 'incident-' || i % 7 from generate_series(1, 20000) as i
            """);
        Assert.InRange(await measured.MeasureAsync(token) - empty, 3_000_000, 30_000_000);
        Assert.Null(measured.LocalDirectory);
    }
}
