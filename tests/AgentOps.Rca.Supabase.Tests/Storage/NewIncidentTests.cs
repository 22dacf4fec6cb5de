using System.Globalization;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Storage.Supabase.Postgres;
using AgentOps.Rca.Supabase.Tests.Storage.Supabase.DataApi;
using AgentOps.Rca.Testing.Supabase;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentOps.Rca.Supabase.Tests.Storage;

/// <summary>
/// An incident that has just come is unknown to the server's statistics, which expect few spans of it. Its pages are read by the index all the same: each span once,
/// and not all that are left for each page.
/// </summary>
public sealed class NewIncidentTests
{
    private const int Spans = 40_000;
    private const string IncidentId = "0190a8c2-5d1e-7c43-9b1f-2f6a4de0c113";

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Over_PostgreSQL_each_span_is_read_once()
    {
        await using var database = await FillAsync();
        await using (var backend = new SupabaseBackend(
            new SupabaseBackendOptions { ConnectionString = database.Direct }, TimeProvider.System, NullLoggerFactory.Instance))
        {
            var read = 0;
            SpanCursor? after = null;
            do
            {
                after = await ((ISpanRows)backend.Spans).ReadPageAsync(IncidentId, after, 2_000, (in SpanRow _) => read++, TestToken);
            }
            while (after is not null);
            Assert.Equal(Spans, read);
            await AssertReadAsync(database, backend, rounds: 3);
        }
    }

    [Fact]
    public async Task Over_the_Data_API_each_span_is_read_once()
    {
        await using var database = await FillAsync();
        await using var server = await PostgrestServer.StartAsync(database);
        await using var backend = DataApiBackend.Open(server.Url, "sb_secret_test");
        await AssertReadAsync(database, backend, rounds: 2);
    }

    [Fact]
    public async Task Who_has_not_the_function_reads_the_same_with_more_work()
    {
        await using var database = await FillAsync();
        await database.ExecuteAsync("drop function public.agentops_span_page");
        await using var backend = new SupabaseBackend(
            new SupabaseBackendOptions { ConnectionString = database.Direct }, TimeProvider.System, NullLoggerFactory.Instance);
        Assert.InRange(await ReadAsync(database, backend, rounds: 4), 4 * Spans, long.MaxValue);
    }

    private static async Task AssertReadAsync(TestDatabase database, StorageBackend backend, int rounds) =>
        Assert.InRange(await ReadAsync(database, backend, rounds), rounds * Spans, rounds * Spans * 5L / 4);

    // Lists all, and the evidence, each once, and says how many spans the server read by the index.
    private static async Task<long> ReadAsync(TestDatabase database, StorageBackend backend, int rounds)
    {
        foreach (var isEvidence in new bool?[] { null, true })
        {
            var listed = backend.Spans.ListAsync(new SpanQuery { IncidentId = IncidentId, IsEvidence = isEvidence, WithoutAttributes = true }, TestToken);
            Assert.Equal(Spans, await listed.CountAsync(TestToken));
        }

        // A server writes its statistics down at most once a second for each connection, and when that is idle or ends.
        var read = 0L;
        for (var i = 0; i < 150 && read < rounds * Spans; i++)
        {
            await Task.Delay(100, TestToken);
            read = await database.ReadAsync<long>(
                "select idx_tup_read from pg_stat_user_indexes where schemaname = 'public' and indexrelname = 'agentops_spans_incident'");
        }

        return read;
    }

    private static async Task<TestDatabase> FillAsync()
    {
        Assert.SkipWhen(TestDatabase.Partitions is not null, "It reads the statistics of the index of one table (AGENTOPS_TEST_PARTITIONS).");
        var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync(string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            alter table spans set (autovacuum_enabled = false);
            insert into spans (span_id, tool, start_ts, end_ts, incident_id)
                select 'known-' || n, 'tool.call/t', 1750000000000 + n, 1750000000010 + n, 'incident-' || n % 200 from generate_series(1, 4000) as n;
            analyze spans;
            insert into spans (span_id, tool, start_ts, end_ts, attributes, incident_id)
                select 'span-' || n, 'tool.call/t' || n % 9, 1750000000000 + n / 3, 1750000000010 + n, '{"status": "ok"}', '{{IncidentId}}'
                from generate_series(1, {{Spans}}) as n;
            """));
        return database;
    }
}
