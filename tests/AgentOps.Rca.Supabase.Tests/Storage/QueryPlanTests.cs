using System.Globalization;
using System.Text.RegularExpressions;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Storage.Supabase.Postgres;
using AgentOps.Rca.Supabase.Tests.Storage.Supabase.DataApi;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Testing.Supabase;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentOps.Rca.Supabase.Tests.Storage;

/// <summary>
/// The plans of every statement the stores send, as the server itself wrote them down (auto_explain) while they ran, on a million spans,
/// 100,000 incidents and 200,000 artifacts.
/// </summary>
public sealed partial class QueryPlanTests(QueryPlanTests.FullTables tables) : IClassFixture<QueryPlanTests.FullTables>
{
    private const int MaxFiltered = 20_000;
    private const string AnIncident = "incident-0000123";

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_statement_over_PostgreSQL_scans_a_table_or_sorts_it()
    {
        await using var backend = new SupabaseBackend(
            new SupabaseBackendOptions { ConnectionString = tables.Database.Direct }, TimeProvider.System, NullLoggerFactory.Instance);
        await AssertPlansAsync(backend, "postgres");
    }

    [Fact]
    public async Task No_statement_of_the_Data_API_scans_a_table_or_sorts_it()
    {
        await using var server = await PostgrestServer.StartAsync(tables.Database);
        await using var backend = DataApiBackend.Open(server.Url, "sb_secret_test");
        await AssertPlansAsync(backend, "postgrest");
    }

    private async Task AssertPlansAsync(StorageBackend backend, string marker)
    {
        var from = await tables.BeginAsync(marker);
        await UseEverythingAsync(backend);
        var plans = await tables.EndAsync(marker, from);

        // Every kind of call has left its plan; a log that nothing was written to would prove nothing.
        foreach (var table in (string[])["spans", "incidents", "artifacts", "artifact_contents"])
        {
            Assert.True(plans.Count(plan => Scans(table).IsMatch(plan)) >= 2, $"No plans for {table} in {plans.Count} plans.");
        }

        // What a search for part of a text finds by its trigrams has to be put in order.
        var bad = plans.Where(plan => TableScan().IsMatch(plan)
            || (Sorting().IsMatch(plan) && !plan.Contains("agentops_incidents_text", StringComparison.Ordinal)
                // A trigger that counts orders the incidents of its own statement's rows, so that two batches lock them in one order.
                && !plan.Contains("Named Tuplestore Scan", StringComparison.Ordinal))).ToList();
        Assert.True(bad.Count == 0, $"{bad.Count} of {plans.Count} plans:\n{string.Join("\n\n", bad.Take(6))}");
        // An index that is read from end to end for a few rows is a scan by another name.
        var skipped = plans.SelectMany(plan => Filtered().Matches(plan).Select(match => (int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), plan)))
            .OrderByDescending(pair => pair.Item1).FirstOrDefault();
        Assert.True(skipped.Item1 < MaxFiltered, $"{skipped.Item1} rows were read in vain:\n{skipped.plan}");
        Trial.Report(
            $"Query plans on 1,000,000 spans ({marker})",
            $"{plans.Count} statements, none scans a table; at most {skipped.Item1} rows read in vain");
    }

    private static async Task UseEverythingAsync(StorageBackend backend)
    {
        var queries =
            from incident in new[] { null, AnIncident }
            from withoutIncident in new[] { false, true }
            where incident is null || !withoutIncident
            from isEvidence in new bool?[] { null, true, false }
            where isEvidence is null || incident is not null
            from tool in new[] { null, "tool.call/t7" }
            from fromTs in new long?[] { null, 1_750_000_500_000 }
            from toTs in new long?[] { null, 1_750_000_900_000 }
            from after in new SpanCursor?[] { null, new(1_750_000_600_000, "span-0600000") }
            select new SpanQuery
            {
                IncidentId = incident,
                WithoutIncident = withoutIncident,
                IsEvidence = isEvidence,
                Tool = tool,
                FromTs = fromTs,
                ToTs = toTs,
                After = after,
                Limit = 100,
            };
        foreach (var query in queries)
        {
            await DrainAsync(backend.Spans.ListAsync(query, TestToken));
            await DrainAsync(backend.Spans.ListAsync(query with { WithoutAttributes = true }, TestToken));
        }

        if (backend.Spans is ISpanRows rows)
        {
            foreach (var after in new SpanCursor?[] { null, new(1_750_000_600_000, "span-0600000") })
            {
                await rows.ReadPageAsync(AnIncident, after, 500, static (in SpanRow _) => { }, TestToken);
                await rows.ReadBarePageAsync(AnIncident, after, 500, static (in SpanRow _) => { }, TestToken);
            }
        }

        await backend.Spans.GetAsync("span-0001234", TestToken);
        await DrainAsync(backend.Spans.FindAsync([.. Enumerable.Range(1, 1_500).Select(number => $"span-{number * 600:0000000}")], TestToken));
        Assert.InRange(await backend.Spans.CountAsync(AnIncident, TestToken), 750, 760);
        var span = Samples.Span("plan-new", incidentId: AnIncident);
        await backend.Spans.AddAsync([span, Samples.Span("plan-other")], TestToken);
        await backend.Spans.AddAsync([span, Samples.Span("plan-third")], TestToken);

        var linker = (ISpanLinker)backend.Spans;
        await DrainAsync(linker.ListTraceAsync("span-", TestToken).Take(1_500));
        await linker.LinkAsync(AnIncident, ["plan-third", "plan-other", AnIncident], TestToken);
        await ((ISpanRetention)backend.Spans).DeleteBaselineAsync(1_750_000_000_000, 1_750_000_400_000, 50, TestToken);

        var incidents =
            from order in new[] { null, "order-0000777" }
            from type in new[] { null, "late_delivery" }
            from status in new[] { null, "open" }
            from text in new[] { null, "0000777" }
            from after in new IncidentCursor?[] { null, new(Samples.Instant.AddSeconds(-5_000), Guid.Empty) }
            select new IncidentQuery { OrderId = order, ProblemType = type, Status = status, Text = text, After = after, Limit = 50 };
        foreach (var query in incidents)
        {
            await DrainAsync(backend.Incidents.ListAsync(query, TestToken));
        }

        var incident0 = Samples.Incident(77);
        await backend.Incidents.AddAsync(incident0, TestToken);
        await backend.Incidents.AddAsync(incident0, TestToken);
        await backend.Incidents.TrySetStatusAsync(incident0.Id, incident0.Status, "approved", TestToken);

        await backend.Artifacts.AddAsync(Samples.Artifact(5), TestToken);
        await backend.Artifacts.AddAsync(Samples.Artifact(5), TestToken);
        var arrivals = (IArtifactArrivals)backend.Artifacts;
        await arrivals.ShowSinceAsync(await arrivals.ShowSinceAsync(null, static _ => { }, TestToken) - 1, static _ => { }, TestToken);
        // Of many, a server may rightly read the table instead.
        await arrivals.ShowPresentAsync([.. Enumerable.Range(0, 100).Select(number => Samples.Artifact(number).Digest).Order()], static _ => { }, TestToken);
        await DrainAsync(backend.Artifacts.FindAsync([.. Enumerable.Range(0, 40).Select(number => Samples.Artifact(number).Digest)], TestToken));

        foreach (var length in (int[])[10, 3 << 20])
        {
            var content = new byte[length];
            var stored = await backend.Contents!.WriteAsync(new OneWayStream(content), expected: null, TestToken);
            await backend.Contents.WriteAsync(new OneWayStream(content), expected: null, TestToken);
            await using var stream = await backend.Contents.OpenAsync(stored.Digest, TestToken);
            await stream!.CopyToAsync(Stream.Null, TestToken);

            var retention = (IArtifactContentRetention)backend.Contents;
            await DrainAsync(retention.ListOldAsync(TimeSpan.Zero, TestToken).Take(1_200));
            await retention.KeepAsync(stored.Digest, TestToken);
            await retention.CollectAsync(stored.Digest, TimeSpan.Zero, backend.Artifacts, TestToken);
            await retention.CollectAsync(Samples.Artifact(5).Digest, TimeSpan.Zero, backend.Artifacts, TestToken);
        }

        await backend.PrepareAsync(backend.Contents!, TestToken);
    }

    private static async Task DrainAsync<T>(IAsyncEnumerable<T> rows)
    {
        await foreach (var _ in rows)
        {
        }
    }

    private static Regex Scans(string table) => new($@"(?:Scan|Insert|Update|Delete)[^\n]* on (?:public\.)?{table}\b", RegexOptions.CultureInvariant);

    [GeneratedRegex(@"Seq Scan on (?:public\.)?(?:spans|incidents|artifacts|artifact_contents)\b")]
    private static partial Regex TableScan();

    // A top-N or incremental sort of a listing would read all of its rows first.
    [GeneratedRegex(@"Rows Removed by (?:Filter|Index Recheck): (\d+)")]
    private static partial Regex Filtered();

    // What a merge of ordered partitions names is how they are ordered already.
    [GeneratedRegex(@"(?<!Merge Append [^\n]*\n\s*)Sort Key: ")]
    private static partial Regex Sorting();

    /// <summary>The database with the rows, made once.</summary>
    public sealed class FullTables : IAsyncLifetime
    {
        private TestDatabase? _database;

        public TestDatabase Database => _database!;

        private static string Log => Path.Combine(SupabaseServices.Current.Directory, "log", "postgres.log");

        public async ValueTask InitializeAsync()
        {
            if (SupabaseServices.Current.Missing is not null)
            {
                SupabaseServices.Current.Require();
            }

            _database = await TestDatabase.CreateAsync();
            await _database.ExecuteAsync("""
                insert into spans (span_id, parent_id, tool, start_ts, end_ts, args_digest, result_digest, attributes, incident_id)
                select 'span-' || lpad(n::text, 7, '0'), null,
                    case when n % 1000 = 1 then 'rca.analyze/trace' when n % 1000 = 2 then 'human.approval' else 'tool.call/t' || n % 40 end,
                    1750000000000 + n, 1750000000010 + n, null, null, '{"status": "ok"}',
                    case when n % 4 = 0 then null else 'incident-' || lpad((n / 1000)::text, 7, '0') end
                from generate_series(1, 1000000) as n;
                insert into incidents (id, order_id, eta_delta_hours, problem_type, status, created_ts, details)
                select gen_random_uuid(), 'order-' || lpad(n::text, 7, '0'), 1, (array['late_delivery', 'damaged', 'lost', 'wrong_item'])[1 + n % 4],
                    case when n % 10 = 0 then 'approved' else 'open' end, timestamptz '2026-03-14 15:09:26Z' - n * interval '1 second', '{}'
                from generate_series(1, 100000) as n;
                insert into artifacts (digest, mime, length, pii_masked, created_ts)
                select encode(sha256(n::text::bytea), 'hex'), 'text/plain', 4, false, now() from generate_series(1, 200000) as n;
                insert into artifact_contents (content_id, chunk, data, digest, length)
                select gen_random_uuid(), 0, n::text::bytea, encode(sha256(n::text::bytea), 'hex'), length(n::text) from generate_series(1, 50000) as n;
                analyze;
                """);
            await _database.ExecuteAsAdministratorAsync($"""
                alter database {_database.Name} set session_preload_libraries = 'auto_explain';
                alter database {_database.Name} set auto_explain.log_min_duration = 0;
                alter database {_database.Name} set auto_explain.log_analyze = on;
                alter database {_database.Name} set auto_explain.log_timing = off;
                alter database {_database.Name} set auto_explain.log_nested_statements = on;
                """);
        }

        public async ValueTask DisposeAsync()
        {
            if (_database is not null)
            {
                await _database.DisposeAsync();
            }
        }

        /// <summary>Where the log stands before the statements.</summary>
        public async Task<long> BeginAsync(string marker)
        {
            await _database!.ReadAsync<string>($"select 'begin {marker}'");
            return new FileInfo(Log).Length;
        }

        /// <summary>The plans that were written since.</summary>
        public async Task<List<string>> EndAsync(string marker, long from)
        {
            await _database!.ReadAsync<string>($"select 'end {marker}'");
            await using var file = new FileStream(Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            file.Position = from;
            using var reader = new StreamReader(file);
            List<string> plans = [];
            while (await reader.ReadLineAsync() is { } line)
            {
                // The lines of an entry after its first one are indented.
                if (line.StartsWith('\t') && plans.Count > 0)
                {
                    plans[^1] += "\n" + line;
                }
                else if (line.Contains(" plan:", StringComparison.Ordinal))
                {
                    plans.Add(line);
                }
            }

            // What drivers and PostgREST ask the catalogue for themselves is not the stores' business.
            plans.RemoveAll(plan => plan.Contains(" on pg_", StringComparison.Ordinal));
            return plans;
        }
    }
}
