using System.Diagnostics;
using System.Globalization;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Benchmarks;

/// <summary>What people look at, over HTTP: the first look at an incident by a host that has just started, and every one after it.</summary>
internal static class ReadingBenchmark
{
    private const int Looks = 21;
    private static readonly int[] Sizes = [10_000, 100_000, 1_000_000];

    public static async Task RunOnSqliteAsync(BenchmarkReport report)
    {
        var directory = Directory.CreateTempSubdirectory("agentops-rca-bench-");
        try
        {
            await RunAsync(report, "SQLite", rca => rca.UseSqlite(Path.Combine(directory.FullName, "spans.db")));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    public static async Task RunOnPostgresAsync(BenchmarkReport report)
    {
        await using var servers = await BenchmarkServers.StartAsync();
        await RunAsync(report, "PostgreSQL", rca => rca.UsePostgres(servers.Postgres));
    }

    private static async Task RunAsync(BenchmarkReport report, string backend, Action<IAgentOpsRcaBuilder> use)
    {
        foreach (var size in Sizes)
        {
            var id = Guid.NewGuid();
            await using (var filler = await BenchmarkHost.StartAsync(use))
            {
                await FillAsync(filler.Services, id, size);
            }

            await using var host = await BenchmarkHost.StartAsync(use);
            await LookAsync(report, host.Client, string.Create(CultureInfo.InvariantCulture, $"{size:N0} spans in {backend}"), id, size);
        }
    }

    private static async Task LookAsync(BenchmarkReport report, HttpClient client, string what, Guid id, int size)
    {
        // The connection, and the code that every request runs, are not what is measured.
        await TimeAsync(client, "/health/ready");
        var middle = DateTimeOffset.FromUnixTimeMilliseconds(1_750_000_000_000).AddMilliseconds(size / 2);
        (string Name, string Path, int Cold, int Warm)[] looks =
        [
            ("incident", $"/incidents/{id}", 0, 20),
            ("figures", $"/incidents/{id}/kpis", 0, 50),
            ("timeline, 1,000 pixels and 200 rows", $"/incidents/{id}/timeline", 1_500, 100),
            ("timeline of 50 ms in the middle", $"/incidents/{id}/timeline?from={middle.UtcDateTime:O}&to={middle.AddMilliseconds(50).UtcDateTime:O}&row=10", 0, 100),
            ("page of 50 steps", $"/incidents/{id}/steps", 0, 50),
            ("page of the overview", "/incidents?view=overview", 0, 0),
        ];
        foreach (var (name, path, mostCold, mostWarm) in looks)
        {
            // On a machine that others use, too, the time of the processors says more than the clock.
            using var process = Process.GetCurrentProcess();
            var before = process.TotalProcessorTime;
            var cold = await TimeAsync(client, path);
            process.Refresh();
            var used = (process.TotalProcessorTime - before).TotalMilliseconds;
            List<double> warm = [];
            for (var i = 0; i < Looks; i++)
            {
                warm.Add(await TimeAsync(client, path));
            }

            warm.Sort();
            report.Add(
                $"{what}: {name}",
                $"first {Ms(cold)} ({Ms(used)} of processor time), then {Ms(warm[warm.Count / 2])}, at worst {Ms(warm[^1])}",
                string.Join("; ", new[] { Aim("first", mostCold), Aim("then", mostWarm) }.OfType<string>()));
        }
    }

    private static string? Aim(string look, int most) => most == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{look} at most {most:N0} ms");

    private static async Task<double> TimeAsync(HttpClient client, string path)
    {
        var start = Stopwatch.GetTimestamp();
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
        await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static async Task FillAsync(IServiceProvider services, Guid id, int size)
    {
        await services.GetRequiredService<IIncidentStore>().AddAsync(new Incident
        {
            Id = id,
            OrderId = "A-1",
            ProblemType = "late_delivery",
            CreatedTs = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        });
        var spans = services.GetRequiredService<ISpanStore>();
        foreach (var batch in Enumerable.Range(0, size).Chunk(5_000))
        {
            // The ids of each incident are its own.
            await spans.AddAsync([.. batch.Select(number => SpanRows.Make(number, id.ToString("D"))).Select(span => span with
            {
                SpanId = $"{size:x}-{span.SpanId}",
                ParentId = span.ParentId is null ? null : $"{size:x}-{span.ParentId}",
            })]);
        }
    }

    private static string Ms(double milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:N1} ms");
}
