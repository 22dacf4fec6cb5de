using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using AgentOps.Rca.Benchmarks.Otlp;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace AgentOps.Rca.Benchmarks;

/// <summary>
/// Spans of agents with what was said in them (messages, arguments, results), as OTLP in protobuf over HTTP into a host; six of ten contents
/// are seen for the first time. Beside the pace: what lies on the disk for a byte that was sent.
/// </summary>
internal static class ContentBenchmark
{
    internal const int BatchSize = 512;
    private const int Batches = 60;
    private const int Rounds = 3;
    private const int Senders = 2;

    private static readonly string Name = string.Create(CultureInfo.InvariantCulture, $"Spans of agents with content, {Batches} requests of {BatchSize}, OTLP protobuf over HTTP");

    public static async Task RunOnSqliteAsync(BenchmarkReport report)
    {
        List<double> rates = [], atRest = [], ratios = [];
        for (var round = 0; round <= Rounds; round++)
        {
            var bodies = Bodies(round);
            var prepared = await PreparedInserts.RunAsync(await OtlpBenchmark.MapAsync(bodies), BatchSize);
            await using var host = await BenchmarkHost.StartAsync();
            var rate = await SendAsync(host.Client, bodies);
            if (round > 0)
            {
                rates.Add(rate);
                ratios.Add(rate / prepared);
                atRest.Add((double)DiskUse(host.DirectoryPath) / bodies.Sum(static body => body.Length));
            }
        }

        Add(report, "SQLite", rates, atRest, "at least 15,000");
        report.AddAtLeast("Spans of agents with content into SQLite against prepared inserts of the same spans without it", Median(ratios), aim: 0.3, recorded: 0.22);
    }

    public static async Task RunOnPostgresAsync(BenchmarkReport report)
    {
        await using var servers = await BenchmarkServers.StartAsync();
        await using (var host = await SupabaseBenchmark.StartAsync(("SUPABASE_DB_URL", servers.Postgres)))
        {
            await RunAsync(report, servers, host, "PostgreSQL", "at least 10,000");
        }

        await using (var host = await SupabaseBenchmark.StartAsync(("SUPABASE_URL", servers.Gateway), ("SUPABASE_KEY", "sb_secret_test")))
        {
            await RunAsync(report, servers, host, "PostgREST", "at least 4,000");
        }
    }

    private static async Task RunAsync(BenchmarkReport report, BenchmarkServers servers, WebApplication host, string store, string aim)
    {
        using var client = SupabaseBenchmark.NewClient(host);
        List<double> rates = [], atRest = [];
        for (var round = 0; round <= Rounds; round++)
        {
            var bodies = Bodies(round);
            await servers.ExecuteAsync("truncate spans, artifacts, artifact_contents; checkpoint");
            var rate = await SendAsync(client, bodies);
            if (round > 0)
            {
                rates.Add(rate);
                atRest.Add((double)await TableUseAsync(servers.Postgres) / bodies.Sum(static body => body.Length));
            }
        }

        Add(report, store, rates, atRest, aim);
    }

    private static void Add(BenchmarkReport report, string store, List<double> rates, List<double> atRest, string aim)
    {
        report.Add($"{Name}, into {store}", string.Create(CultureInfo.InvariantCulture, $"{Median(rates):N0} spans/s"), aim);
        report.Add($"Bytes at rest for a byte sent, {store}", Median(atRest).ToString("F2", CultureInfo.InvariantCulture), "at most 1.3");
    }

    /// <summary>Sends all of them, and returns the spans a second; fails where one is not taken whole.</summary>
    internal static async Task<double> SendAsync(HttpClient client, byte[][] bodies)
    {
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(bodies, new ParallelOptions { MaxDegreeOfParallelism = Senders }, async (body, token) =>
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
            using var response = await client.PostAsync(new Uri("/v1/traces", UriKind.Relative), content, token);
            var answer = await response.Content.ReadAsByteArrayAsync(token);
            // An empty answer, or one with an empty field partial_success: all of it was taken.
            if (!response.IsSuccessStatusCode || answer is not ([] or [0x0a, 0x00]))
            {
                throw new InvalidOperationException($"{response.StatusCode}: {System.Text.Encoding.UTF8.GetString(answer)}");
            }
        });
        return bodies.Length * BatchSize / watch.Elapsed.TotalSeconds;
    }

    // What waits to be moved into the database is not there for long.
    private static long DiskUse(string directory)
    {
        foreach (var file in Directory.EnumerateFiles(directory, "*.db"))
        {
            using var connection = new SqliteConnection($"Data Source={file};Pooling=false");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            command.ExecuteNonQuery();
        }

        return Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Sum(static file => (new FileInfo(file).Length + 4095) / 4096 * 4096);
    }

    private static async Task<long> TableUseAsync(string address)
    {
        await using var connection = await BenchmarkServers.OpenAsync(address);
        await using var command = new NpgsqlCommand(
            "select sum(pg_total_relation_size(name::regclass))::bigint from unnest(array['public.spans', 'public.artifacts', 'public.artifact_contents']) as name",
            connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    internal static byte[][] Bodies(int round) => [.. Enumerable.Range(0, Batches).Select(batch => Body(((round * Batches) + batch) * BatchSize))];

    // Each second span asks a model, those between them call a tool.
    private static byte[] Body(int first)
    {
        var scope = new ScopeSpans { Scope = new Scope { Name = "order-agent", Version = "1.2.3" } };
        for (var number = first; number < first + BatchSize; number++)
        {
            var span = new SpanRecord
            {
                TraceId = OtlpBenchmark.Id(16, number / 20),
                SpanId = OtlpBenchmark.Id(8, number),
                ParentSpanId = number % 20 == 0 ? ByteString.Empty : OtlpBenchmark.Id(8, number / 20 * 20),
                Name = number % 2 == 0 ? "chat llama-3.3-70b" : "execute_tool book_shipment",
                Kind = 3,
                StartTimeUnixNano = 1_767_225_600_000_000_000 + (ulong)number,
                EndTimeUnixNano = 1_767_225_600_050_000_000 + (ulong)number,
            };
            if (number % 2 == 0)
            {
                span.Attributes.Add(OtlpBenchmark.Text("gen_ai.operation.name", "chat"));
                span.Attributes.Add(OtlpBenchmark.Text("gen_ai.request.model", "llama-3.3-70b-versatile"));
                span.Attributes.Add(OtlpBenchmark.Number("gen_ai.usage.input_tokens", 412 + (number % 100)));
                span.Attributes.Add(OtlpBenchmark.Number("gen_ai.usage.output_tokens", 38));
                span.Attributes.Add(OtlpBenchmark.Text("gen_ai.input.messages", $$"""[{"role":"user","parts":[{"type":"text","content":"{{Said(number * 2)}}"}]}]"""));
                span.Attributes.Add(OtlpBenchmark.Text(
                    "gen_ai.output.messages", $$"""[{"role":"assistant","parts":[{"type":"text","content":"{{Said((number * 2) + 1)}}"}],"finish_reason":"stop"}]"""));
            }
            else
            {
                span.Attributes.Add(OtlpBenchmark.Text("gen_ai.operation.name", "execute_tool"));
                span.Attributes.Add(OtlpBenchmark.Text("gen_ai.tool.name", "book_shipment"));
                span.Attributes.Add(OtlpBenchmark.Text("gen_ai.tool.call.id", $"call_{number}"));
                span.Attributes.Add(OtlpBenchmark.Text("gen_ai.tool.call.arguments", $$"""{"note":"{{Said(number * 2)}}","carrier":"north"}"""));
                span.Attributes.Add(OtlpBenchmark.Text("gen_ai.tool.call.result", $$"""{"status":"booked","detail":"{{Said((number * 2) + 1)}}"}"""));
            }

            scope.Spans.Add(span);
        }

        var resource = new Resource();
        resource.Attributes.Add(OtlpBenchmark.Text("service.name", "order-service"));
        return new TraceRequest { ResourceSpans = { new ResourceSpans { Resource = resource, ScopeSpans = { scope } } } }.ToByteArray();
    }

    // Six of ten are said once; the others are one of fifty, as instructions and refusals are.
    private static string Said(int number) => number * 7 % 10 < 6
        ? $"The order A-{number} leaves the warehouse on day {number % 365} with carrier {number % 17}; tell the customer about parcel {(uint)number * 2_654_435_761} and its weight of {number % 4_000} grams."
        : $"The account's limit of {number % 50} shipments an hour is reached; wait for the next hour, then book the same shipment again.";

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
