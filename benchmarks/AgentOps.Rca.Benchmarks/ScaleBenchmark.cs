using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Benchmarks;

/// <summary>
/// What grows with the table and with the number of hosts: intake into tables of more and more spans, whole and in partitions, the pace at which retention
/// forgets spans, and one, two and four hosts on one PostgreSQL.
/// </summary>
internal static class ScaleBenchmark
{
    /// <summary>Runs a host in a process of its own; ends with its input.</summary>
    public const string Host = "scale-host";

    private const int BatchSize = 1_000;
    private const int Batches = 60;
    private const int Million = 1_000_000;
    private const int IncidentSpans = 200;
    private static readonly int[] Hosts = [1, 2, 4];

    // How far the tables are filled; as many as the machine has time for.
    private static readonly int[] Sizes = (Environment.GetEnvironmentVariable("AGENTOPS_SCALE_MILLIONS") ?? "0,1,5").Split(',').Select(int.Parse).ToArray();

    public static async Task RunAsync(BenchmarkReport report)
    {
        await using var servers = await BenchmarkServers.StartAsync();
        await using (await SupabaseBenchmark.StartAsync(("SUPABASE_DB_URL", servers.Postgres)))
        {
            // It has made the tables.
        }

        await FillAsync(report, servers, "one table");
        await RunHostsAsync(report, servers);
        await servers.ExecuteAsync("truncate spans, incidents, artifacts, artifact_contents");
        await PartitionAsync(servers);
        await FillAsync(report, servers, "16 partitions");
    }

    /// <summary>The process of one host.</summary>
    /// <param name="address">Of its database.</param>
    public static async Task<int> RunHostAsync(string address)
    {
        await using var host = await SupabaseBenchmark.StartAsync(("SUPABASE_DB_URL", address));
        Console.WriteLine(host.Urls.Single());
        await Console.In.ReadLineAsync();
        return 0;
    }

    private static async Task FillAsync(BenchmarkReport report, BenchmarkServers servers, string tables)
    {
        await using var host = await SupabaseBenchmark.StartAsync(("SUPABASE_DB_URL", servers.Postgres));
        using var client = SupabaseBenchmark.NewClient(host);
        var (filled, round) = (0, 0);
        await IngestAsync([client], round++);
        foreach (var millions in Sizes)
        {
            for (; filled < millions; filled++)
            {
                await servers.ExecuteAsync(Rows(filled));
            }

            await servers.ExecuteAsync("vacuum analyze spans; checkpoint");
            List<double> paces = [];
            for (var i = 0; i < 3; i++)
            {
                paces.Add(await IngestAsync([client], round++));
            }

            report.Add($"Intake over HTTP into PostgreSQL, {tables}, {millions} million spans there before", Pace(paces.Order().ElementAt(1)));
        }

        var bytes = await ReadAsync(
            servers, "select coalesce((select sum(pg_total_relation_size(relid)) from pg_partition_tree('spans') where isleaf), pg_total_relation_size('spans')) / (select count(*) from spans)");
        report.Add($"Bytes at rest for a span, rows and indexes, {tables}", bytes.ToString("N0", CultureInfo.InvariantCulture));

        var (deleted, watch) = (0, Stopwatch.StartNew());
        while (watch.Elapsed < TimeSpan.FromSeconds(10)
            && await ((ISpanRetention)host.Services.GetRequiredService<ISpanStore>()).DeleteBaselineAsync(0, long.MaxValue, 1_000) is > 0 and var gone)
        {
            deleted += gone;
        }

        report.Add($"Old spans of no incident that retention deletes, {tables}, 1,000 at a time", Pace(deleted / watch.Elapsed.TotalSeconds));
    }

    private static async Task RunHostsAsync(BenchmarkReport report, BenchmarkServers servers)
    {
        var round = 1_000;
        foreach (var count in Hosts)
        {
            await servers.ExecuteAsync("truncate spans, incidents, artifacts, artifact_contents; checkpoint");
            var processes = Enumerable.Range(0, count).Select(_ => Start(servers.Postgres)).ToList();
            try
            {
                List<HttpClient> clients = [];
                foreach (var process in processes)
                {
                    clients.Add(new HttpClient { BaseAddress = new Uri((await process.StandardOutput.ReadLineAsync())!), Timeout = Timeout.InfiniteTimeSpan });
                }

                await IngestAsync(clients, round++);
                await servers.ExecuteAsync("truncate spans; checkpoint");
                var pace = await IngestAsync(clients, round++);
                var stored = await ReadAsync(servers, "select count(*) from spans");
                report.Add($"{count} hosts, a process each: intake, all together", $"{Pace(pace)}; {stored:N0} of {Batches * BatchSize:N0} stored");
                report.Add($"{count} hosts: analyses of {IncidentSpans} spans, all together", await AnalyzeAsync(servers, clients));
                clients.ForEach(static client => client.Dispose());
            }
            finally
            {
                foreach (var process in processes)
                {
                    process.StandardInput.Close();
                    await process.WaitForExitAsync();
                    process.Dispose();
                }
            }
        }
    }

    private static async Task<string> AnalyzeAsync(BenchmarkServers servers, List<HttpClient> clients)
    {
        var ids = Enumerable.Range(0, 120).Select(_ => Guid.NewGuid()).ToList();
        for (var i = 0; i < ids.Count; i++)
        {
            var id = ids[i];
            using var opened = await clients[0].PostAsJsonAsync("/incidents", new { id, order_id = "o", problem_type = "late_delivery" });
            opened.EnsureSuccessStatusCode();
            await SupabaseBenchmark.PostAsync(clients[0], "/traces/spans", SpanRows.ToJsonArray(Enumerable.Range(0, IncidentSpans).Select(number =>
                SpanRows.Make((2_000 * Million) + (i * IncidentSpans) + number, id.ToString("D")))));
        }

        // The first ones let the compiler do its work.
        var warm = ids.Take(24).ToList();
        await AnalyzeAsync(clients, warm);
        var watch = Stopwatch.StartNew();
        var measured = ids.Skip(warm.Count).ToList();
        await AnalyzeAsync(clients, measured);
        var elapsed = watch.Elapsed.TotalSeconds;
        var reports = await ReadAsync(servers, "select count(*) from spans where tool like 'rca.analyze/%'");
        return string.Create(CultureInfo.InvariantCulture, $"{measured.Count / elapsed:N1} a second; {reports:N0} reports of {ids.Count:N0}");
    }

    private static Task AnalyzeAsync(List<HttpClient> clients, List<Guid> ids) => Parallel.ForEachAsync(
        ids.Index(), new ParallelOptions { MaxDegreeOfParallelism = 2 * clients.Count }, async (next, token) =>
        {
            using var answer = await clients[next.Index % clients.Count].PostAsJsonAsync("/rca/analyze", new { incident_id = next.Item, engine = "trace" }, token);
            answer.EnsureSuccessStatusCode();
        });

    private static async Task<double> IngestAsync(List<HttpClient> clients, int round)
    {
        var bodies = Enumerable.Range(0, Batches).Select(batch => SpanRows.ToJsonArray(Enumerable.Range(0, BatchSize).Select(number =>
            SpanRows.Make((round * Batches * BatchSize) + (batch * BatchSize) + number, $"incident-{batch}-{round}")))).ToArray();
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            bodies.Index(), new ParallelOptions { MaxDegreeOfParallelism = 2 * clients.Count }, async (next, _) => await SupabaseBenchmark.PostAsync(clients[next.Index % clients.Count], "/traces/spans", next.Item));
        return Batches * BatchSize / watch.Elapsed.TotalSeconds;
    }

    // A million spans with ids as OpenTelemetry makes them; one in ten belongs to an incident.
    private static string Rows(int million) => string.Create(CultureInfo.InvariantCulture, $$"""
        insert into spans (span_id, parent_id, tool, start_ts, end_ts, args_digest, result_digest, attributes, incident_id)
        select md5('trace' || n / 20) || ':' || substr(md5('span' || n), 1, 16), case when n % 20 > 0 then md5('trace' || n / 20) || ':' || substr(md5('span' || n / 20 * 20), 1, 16) end,
            'tool.call/t' || n % 40, 1700000000000000 + n * 1000, 1700000000000500 + n * 1000, md5('a' || n) || md5('b' || n), md5('c' || n) || md5('d' || n),
            '{"gen_ai.operation.name": "execute_tool", "http.response.status_code": 200, "attempt": 1}', case when n / 20 % 10 = 0 then 'old-' || n / 20000 end
        from generate_series({{(long)million * Million}}::bigint, {{((long)million * Million) + Million - 1}}::bigint) as n
        """);

    private static async Task<long> ReadAsync(BenchmarkServers servers, string sql)
    {
        await using var connection = await BenchmarkServers.OpenAsync(servers.Postgres);
        await using var command = new Npgsql.NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    private static async Task PartitionAsync(BenchmarkServers servers)
    {
        await using var connection = await BenchmarkServers.OpenAsync(servers.Postgres);
        await using var command = new Npgsql.NpgsqlCommand(await File.ReadAllTextAsync(BenchmarkServers.FileOf("supabase/optional/partition_spans.sql")), connection) { CommandTimeout = 600 };
        await command.ExecuteNonQueryAsync();
    }

    private static Process Start(string address)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Host, address]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        return Process.Start(start)!;
    }

    private static string Pace(double spans) => string.Create(CultureInfo.InvariantCulture, $"{spans:N0} spans/s");
}
