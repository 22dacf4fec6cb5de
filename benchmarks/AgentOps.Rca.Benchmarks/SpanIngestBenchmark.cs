using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;

namespace AgentOps.Rca.Benchmarks;

/// <summary>Spans over HTTP into SQLite against prepared inserts of the same rows into the same tables.</summary>
internal static class SpanIngestBenchmark
{
    private const int BatchSize = 1_000;
    private const int Rounds = 3;

    public static async Task RunAsync(BenchmarkReport report)
    {
        var batches = report.Of(200, 40);
        var rows = Enumerable.Range(0, BatchSize * batches).Select(number => SpanRows.Make(number, "6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a09")).ToArray();
        var bodies = rows.Chunk(BatchSize).Select(SpanRows.ToJsonArray).ToArray();
        var ratios = new List<double>();
        var http = new List<double>();
        var raw = new List<double>();
        for (var round = 0; round <= Rounds; round++)
        {
            var overHttp = await OverHttpAsync(bodies);
            var prepared = await PreparedInserts.RunAsync(rows, BatchSize);
            if (round > 0)
            {
                // The first round warms the code up and does not count.
                http.Add(overHttp);
                raw.Add(prepared);
                ratios.Add(overHttp / prepared);
            }
        }

        report.Add($"Spans over HTTP into SQLite, {batches} batches of {BatchSize}", Rate(Median(http)));
        report.Add("The same rows by prepared inserts through Microsoft.Data.Sqlite, same tables, one transaction a batch", Rate(Median(raw)));
        report.AddAtLeast("Spans over HTTP into SQLite against prepared inserts, median of the rounds", Median(ratios), aim: 0.85, recorded: 0.65);
    }

    private static async Task<double> OverHttpAsync(byte[][] bodies)
    {
        await using var host = await BenchmarkHost.StartAsync();
        var watch = Stopwatch.StartNew();
        foreach (var body in bodies)
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await host.Client.PostAsync(new Uri("/traces/spans", UriKind.Relative), content);
            response.EnsureSuccessStatusCode();
        }

        return bodies.Length * BatchSize / watch.Elapsed.TotalSeconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Rate(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:N0} spans/s");
}
