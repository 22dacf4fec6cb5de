using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using AgentOps.Rca.Spans;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NpgsqlTypes;

namespace AgentOps.Rca.Benchmarks;

/// <summary>
/// Spans over HTTP into PostgreSQL and through PostgREST, and the listing of a million of them, each against what the part below can do
/// by itself with the same rows. The servers are those of <c>eng/services.sh</c>, in a directory of their own.
/// </summary>
internal static class SupabaseBenchmark
{
    private const int BatchSize = 1_000;
    private const int Senders = 2;
    private const int Rounds = 3;
    private const int Million = 1_000_000;

    public static async Task RunAsync(BenchmarkReport report)
    {
        await using var servers = await BenchmarkServers.StartAsync();
        var rows = Enumerable.Range(0, BatchSize * report.Of(100, 20)).Select(number => SpanRows.Make(number, "6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a09")).ToArray();
        var bodies = rows.Chunk(BatchSize).Select(SpanRows.ToJsonArray).ToArray();
        await using (var host = await StartAsync(("SUPABASE_DB_URL", servers.Postgres)))
        {
            await IngestAsync(report, servers, host, bodies, rows);
            if (!report.IsShort)
            {
                await ListAsync(report, servers, host);
            }
        }

        await using (var host = await StartAsync(("SUPABASE_URL", servers.Gateway), ("SUPABASE_KEY", "sb_secret_test")))
        {
            await IngestOverDataApiAsync(report, servers, host, bodies);
        }
    }

    private static async Task IngestAsync(BenchmarkReport report, BenchmarkServers servers, WebApplication host, byte[][] bodies, Span[] rows)
    {
        using var client = NewClient(host);
        var ingest = () => SendAsync(bodies, body => PostAsync(client, "/traces/spans", body));
        var (over, raw, ratio) = await CompareAsync(
            servers,
            ingest,
            () => CopyAsync(servers.Postgres, rows));
        report.Add($"Spans over HTTP into PostgreSQL, {bodies.Length} batches of {BatchSize}, {Senders} senders", Rate(over, rows.Length));
        report.Add("The same rows by Npgsql's binary COPY, same table and indexes, one COPY a batch", Rate(raw, rows.Length));
        report.AddAtLeast("Spans over HTTP into PostgreSQL against binary COPY, median of the rounds", ratio, aim: 0.8, recorded: 0.55);
        await WatchAsync(report, servers, ingest, rows.Length);
    }

    private static async Task IngestOverDataApiAsync(BenchmarkReport report, BenchmarkServers servers, WebApplication host, byte[][] bodies)
    {
        using var client = NewClient(host);
        using var direct = new HttpClient { BaseAddress = new Uri(servers.Gateway) };
        direct.DefaultRequestHeaders.Add("apikey", "sb_secret_test");
        direct.DefaultRequestHeaders.Add("Prefer", "return=minimal");
        var ingest = () => SendAsync(bodies, body => PostAsync(client, "/traces/spans", body));
        var (over, raw, ratio) = await CompareAsync(
            servers,
            ingest,
            () => SendAsync(bodies, body => PostAsync(direct, "/rest/v1/spans", body)));
        report.Add($"Spans over HTTP through PostgREST, {bodies.Length} batches of {BatchSize}, {Senders} senders", Rate(over, bodies.Length * BatchSize));
        report.Add("The same rows by raw bulk POST to PostgREST, same batches and senders", Rate(raw, bodies.Length * BatchSize));
        report.AddAtLeast("Spans over HTTP through PostgREST against bulk POST, median of the rounds", ratio, aim: 0.85, recorded: 0.77);
        await WatchAsync(report, servers, ingest, bodies.Length * BatchSize);
    }

    private static async Task ListAsync(BenchmarkReport report, BenchmarkServers servers, WebApplication host)
    {
        await servers.ExecuteAsync($$"""
            truncate spans;
            insert into spans (span_id, parent_id, tool, start_ts, end_ts, args_digest, result_digest, attributes, incident_id)
            select lpad(to_hex(n), 32, '0'), null, 'tool.call/t' || n % 40, 1750000000000 + n, 1750000000010 + n,
                lpad(to_hex(n), 64, '0'), lpad(to_hex(n), 64, '0'), '{"gen_ai.operation.name": "execute_tool", "http.response.status_code": 200, "attempt": 1}', 'i'
            from generate_series(1, {{Million}}) as n;
            analyze spans;
            """);
        var store = host.Services.GetRequiredService<ISpanStore>();
        List<double> listed = [], copied = [], ratios = [];
        for (var round = 0; round <= Rounds; round++)
        {
            var listing = await ListAsync(store);
            var copy = await CopyOutAsync(servers.Postgres);
            if (round > 0)
            {
                listed.Add(listing);
                copied.Add(copy);
                ratios.Add(copy / listing);
            }
        }

        report.Add("Listing a million spans by key", Rate(Median(listed), Million));
        report.Add("The same rows by COPY … TO STDOUT in the same order", Rate(Median(copied), Million));
        report.AddAtLeast("Listing a million spans against COPY … TO STDOUT, median of the rounds", Median(ratios), aim: 0.3, recorded: 0.7);
        report.Add(
            $"Memory while they are listed {Rounds} times more, from the second fifth to the last",
            await MemoryWatch.RunAsync(async () =>
            {
                for (var round = 0; round < Rounds; round++)
                {
                    await ListAsync(store);
                }
            }),
            MemoryWatch.Aim);
    }

    private static async Task<double> ListAsync(ISpanStore store)
    {
        var watch = Stopwatch.StartNew();
        var count = 0;
        await foreach (var _ in store.ListAsync(new SpanQuery { IncidentId = "i" }))
        {
            count++;
        }

        return count == Million ? watch.Elapsed.TotalSeconds : throw new InvalidOperationException($"{count} spans were listed.");
    }

    private static async Task WatchAsync(BenchmarkReport report, BenchmarkServers servers, Func<Task<double>> ingest, int size)
    {
        if (report.IsShort)
        {
            return;
        }

        var growth = await MemoryWatch.RunAsync(async () =>
        {
            for (var round = 0; round < Million / size; round++)
            {
                await servers.ExecuteAsync("truncate spans; checkpoint");
                await ingest();
            }
        });
        report.Add("Memory while a million more go in, from the second fifth to the last, client and server together", growth, MemoryWatch.Aim);
    }

    // The first round warms the code up and does not count; the table is empty before each side.
    private static async Task<(double Over, double Raw, double Ratio)> CompareAsync(BenchmarkServers servers, Func<Task<double>> over, Func<Task<double>> raw)
    {
        List<double> overs = [], raws = [], ratios = [];
        for (var round = 0; round <= Rounds; round++)
        {
            await servers.ExecuteAsync("truncate spans; checkpoint");
            var overTime = await over();
            await servers.ExecuteAsync("truncate spans; checkpoint");
            var rawTime = await raw();
            if (round > 0)
            {
                overs.Add(overTime);
                raws.Add(rawTime);
                ratios.Add(rawTime / overTime);
            }
        }

        return (Median(overs), Median(raws), Median(ratios));
    }

    private static async Task<double> SendAsync(byte[][] bodies, Func<byte[], Task> send)
    {
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(bodies, new ParallelOptions { MaxDegreeOfParallelism = Senders }, async (body, _) => await send(body));
        return watch.Elapsed.TotalSeconds;
    }

    internal static async Task PostAsync(HttpClient client, string path, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), content);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException(await response.Content.ReadAsStringAsync());
        }
    }

    private static async Task<double> CopyAsync(string address, Span[] rows)
    {
        var attributes = rows.Select(row => row.Attributes.GetRawText()).ToArray();
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, rows.Length / BatchSize),
            new ParallelOptions { MaxDegreeOfParallelism = Senders },
            async (batch, token) =>
            {
                await using var connection = await BenchmarkServers.OpenAsync(address);
                await using var copy = await connection.BeginBinaryImportAsync(
                    "copy spans (span_id, parent_id, tool, start_ts, end_ts, args_digest, result_digest, attributes, incident_id) from stdin (format binary)",
                    token);
                for (var i = batch * BatchSize; i < (batch + 1) * BatchSize; i++)
                {
                    var row = rows[i];
                    await copy.StartRowAsync(token);
                    await copy.WriteAsync(row.SpanId, NpgsqlDbType.Text, token);
                    await copy.WriteAsync(row.ParentId, NpgsqlDbType.Text, token);
                    await copy.WriteAsync(row.Tool, NpgsqlDbType.Text, token);
                    await copy.WriteAsync(row.StartTs, NpgsqlDbType.Bigint, token);
                    await copy.WriteAsync(row.EndTs, NpgsqlDbType.Bigint, token);
                    await copy.WriteAsync(row.ArgsDigest, NpgsqlDbType.Text, token);
                    await copy.WriteAsync(row.ResultDigest, NpgsqlDbType.Text, token);
                    await copy.WriteAsync(attributes[i], NpgsqlDbType.Jsonb, token);
                    await copy.WriteAsync(row.IncidentId, NpgsqlDbType.Text, token);
                }

                await copy.CompleteAsync(token);
            });
        return watch.Elapsed.TotalSeconds;
    }

    private static async Task<double> CopyOutAsync(string address)
    {
        await using var connection = await BenchmarkServers.OpenAsync(address);
        var watch = Stopwatch.StartNew();
        await using var copy = await connection.BeginRawBinaryCopyAsync(
            """
            copy (select span_id, parent_id, tool, start_ts, end_ts, args_digest, result_digest, attributes, incident_id from spans
                where incident_id = 'i' order by start_ts, span_id collate "C") to stdout (format binary)
            """);
        await copy.CopyToAsync(Stream.Null);
        return watch.Elapsed.TotalSeconds;
    }

    internal static async Task<WebApplication> StartAsync(params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value));
        builder.Services.AddAgentOpsRca();
        var application = builder.Build();
        application.MapAgentOpsRca();
        await application.StartAsync();
        return application;
    }

    internal static HttpClient NewClient(WebApplication host) => new() { BaseAddress = new Uri(host.Urls.Single()), Timeout = Timeout.InfiniteTimeSpan };

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Rate(double seconds, int rows) => string.Create(CultureInfo.InvariantCulture, $"{rows / seconds:N0} spans/s");
}
