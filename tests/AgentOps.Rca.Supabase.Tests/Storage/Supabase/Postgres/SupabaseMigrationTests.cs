using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.Supabase.Postgres;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Testing.Supabase;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.Postgres;

public sealed class SupabaseMigrationTests
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_hosts_that_start_at_once_on_an_empty_database_all_find_it_ready()
    {
        await using var database = await TestDatabase.CreateAsync(migrated: false);
        var backends = Enumerable.Range(0, 8).Select(_ => Open(database.Direct)).ToArray();

        var warnings = await Task.WhenAll(backends.Select(backend => backend.PrepareAsync(backend.Contents!, TestToken).AsTask()));

        Assert.All(warnings, Assert.Null);
        foreach (var backend in backends)
        {
            Assert.Null(await backend.FindFaultAsync(TestToken));
            await backend.DisposeAsync();
        }
    }

    [Fact]
    public async Task Every_migration_may_run_twice_and_keeps_what_is_stored()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var backend = Open(database.Direct);
        var span = Samples.Span("s1");
        await backend.Spans.AddAsync([span], TestToken);
        foreach (var migration in SupabaseMigrations.All)
        {
            await database.ExecuteAsync(SupabaseMigrations.Read(migration));
        }

        Assert.True(span.IsSameAs((await backend.Spans.GetAsync("s1", TestToken))!));
    }

    // The tables that users of the original API have: no not-null, no defaults, times without a zone, ids in the database's collation.
    [Theory]
    [InlineData("timestamptz", "float8")]
    [InlineData("timestamp", "numeric")]
    public async Task Tables_of_the_first_shape_with_data_keep_it_and_work(string timeType, string floatType)
    {
        await using var database = await TestDatabase.CreateAsync(migrated: false);
        await database.ExecuteAsync($$"""
            create table incidents (id uuid primary key, order_id text, eta_delta_hours {{floatType}}, problem_type text, status text,
                created_ts {{timeType}} default now(), details jsonb);
            create table spans (span_id text primary key, parent_id text, tool text, start_ts bigint, end_ts bigint, args_digest text,
                result_digest text, attributes jsonb);
            alter table spans add column incident_id text;
            create table artifacts (digest text primary key, mime text, length bigint, pii_masked boolean, created_ts {{timeType}});
            insert into incidents values
                ('6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a01', 'A-1', 2.5, 'late_delivery', 'open', '2026-01-02 03:04:05.678901', '{"b": 1, "a": [true]}'),
                ('6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a02', null, null, null, null, null, null);
            insert into spans values
                ('S-upper', null, 'tool.call/x', 1773333487301, 1773333487642, repeat('a', 64), null, '{"status": "error"}', '6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a01'),
                ('s-lower', 'S-upper', 'tool.call/y', 1773333487301, 1773333487642, null, null, null, '6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a01'),
                ('nulls', null, null, null, null, null, null, null, null);
            insert into artifacts values (repeat('a', 64), 'text/plain', 5, true, '2026-01-02 03:04:05'), (repeat('b', 64), null, null, null, null);
            """);
        await using var backend = Open(database.Direct);

        Assert.Null(await backend.PrepareAsync(backend.Contents!, TestToken));

        var incident = await backend.Incidents.GetAsync(Guid.Parse("6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a01"), TestToken);
        Assert.Equal(("A-1", 2.5, "late_delivery", "open"), (incident!.OrderId, incident.EtaDeltaHours, incident.ProblemType, incident.Status));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, 901, TimeSpan.Zero), incident.CreatedTs);
        Assert.Equal(1, incident.Details.GetProperty("b").GetInt32());
        Assert.Equal(2, await CountAsync(backend.Incidents.ListAsync(new IncidentQuery(), TestToken)));
        List<string> spans = [];
        await foreach (var span in backend.Spans.ListAsync(new SpanQuery(), TestToken))
        {
            spans.Add(span.SpanId);
        }

        Assert.Equal(["nulls", "S-upper", "s-lower"], spans);
        var artifacts = await CountAsync(backend.Artifacts.FindAsync(
            [Artifacts.ArtifactDigest.Parse(new string('a', 64)), Artifacts.ArtifactDigest.Parse(new string('b', 64))], TestToken));
        Assert.Equal(2, artifacts);

        // And they take what is new.
        Assert.Equal(1, (await backend.Spans.AddAsync([Samples.Span("new")], TestToken)).Added);
        Assert.True(await backend.Incidents.TrySetStatusAsync(incident.Id, "open", "approved", TestToken));
        Assert.Equal(WriteOutcome.Added, await backend.Incidents.AddAsync(Samples.Incident(7), TestToken));
    }

    private static SupabaseBackend Open(string connectionString) => new(
        new SupabaseBackendOptions { ConnectionString = connectionString }, TimeProvider.System, NullLoggerFactory.Instance);

    private static async Task<int> CountAsync<T>(IAsyncEnumerable<T> rows)
    {
        var count = 0;
        await foreach (var _ in rows)
        {
            count++;
        }

        return count;
    }
}
