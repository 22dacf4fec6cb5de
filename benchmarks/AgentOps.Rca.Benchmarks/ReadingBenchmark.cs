using System.Diagnostics;
using System.Globalization;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Reading;
using AgentOps.Rca.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Benchmarks;

/// <summary>What people look at, out of a SQLite file: the first look at an incident, and every one after it.</summary>
internal static class ReadingBenchmark
{
    private const int Looks = 21;
    private static readonly Guid IncidentId = new("6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a09");
    private static readonly int[] Sizes = [10_000, 100_000, 1_000_000];

    public static async Task RunAsync(BenchmarkReport report)
    {
        foreach (var size in Sizes)
        {
            var directory = Directory.CreateTempSubdirectory("agentops-rca-bench-");
            try
            {
                await FillAsync(directory.FullName, size);
                await LookAsync(report, directory.FullName, size);
            }
            finally
            {
                directory.Delete(recursive: true);
            }
        }
    }

    private static async Task LookAsync(BenchmarkReport report, string directory, int size)
    {
        var services = new ServiceCollection();
        services.AddAgentOpsRca(options =>
        {
            options.DataDirectory = directory;
            options.ArtifactDirectory = Path.Combine(directory, "artifacts");
        }).UseSqlite(Path.Combine(directory, "spans.db"));
        await using var provider = services.BuildServiceProvider();
        var runs = provider.GetRequiredService<IRunReader>();
        var incidents = provider.GetRequiredService<IIncidentReader>();
        var aims = size == Sizes[^1];

        // On a machine that others use, too, the time of the processors says more than the clock.
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var (cold, _) = await MeasureAsync(1, () => runs.ReadTimelineAsync(new TimelineQuery { IncidentId = IncidentId }));
        process.Refresh();
        var used = (process.TotalProcessorTime - before).TotalMilliseconds;
        report.Add(
            Words($"Timeline of {size:N0} spans, 1,000 pixels and 200 rows, first look"), $"{Ms(cold)}, on two threads {Ms(used)} of processor time", aims ? "at most 1,500 ms" : "");
        var (warm, worst) = await MeasureAsync(Looks, () => runs.ReadTimelineAsync(new TimelineQuery { IncidentId = IncidentId }));
        report.Add("The same again, median and worst", $"{Ms(warm)}, {Ms(worst)}", aims ? "at most 100 ms" : "");
        var middle = DateTimeOffset.FromUnixTimeMilliseconds(1_750_000_000_000).AddMilliseconds(size / 2);
        (warm, worst) = await MeasureAsync(Looks, () => runs.ReadTimelineAsync(
            new TimelineQuery { IncidentId = IncidentId, From = middle, To = middle.AddMilliseconds(50), Row = 10, Rows = 200 }));
        report.Add("Zoomed in to 50 ms in the middle, median and worst", $"{Ms(warm)}, {Ms(worst)}", aims ? "at most 100 ms" : "");

        (cold, _) = await MeasureAsync(1, () => runs.ReadStepsAsync(new RunStepsQuery { IncidentId = IncidentId }));
        report.Add("A page of 50 steps, first look", Ms(cold));
        (warm, worst) = await MeasureAsync(Looks, () => runs.ReadStepsAsync(new RunStepsQuery { IncidentId = IncidentId }));
        report.Add("The same again, median and worst", $"{Ms(warm)}, {Ms(worst)}", aims ? "at most 50 ms" : "");
        (warm, worst) = await MeasureAsync(Looks, () => incidents.ListAsync(new IncidentOverviewQuery()));
        report.Add("A page of the overview", $"{Ms(warm)}, {Ms(worst)}");
    }

    private static async Task<(double Median, double Worst)> MeasureAsync<T>(int times, Func<ValueTask<T>> look)
    {
        List<double> taken = [];
        for (var i = 0; i < times; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await look();
            taken.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        taken.Sort();
        return (taken[taken.Count / 2], taken[^1]);
    }

    private static async Task FillAsync(string directory, int size)
    {
        var incident = new Incident
        {
            Id = IncidentId,
            OrderId = "A-1",
            ProblemType = "late_delivery",
            CreatedTs = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        };
        await using var stores = new SqliteStores(Path.Combine(directory, "spans.db"));
        await stores.Incidents.AddAsync(incident);
        foreach (var batch in Enumerable.Range(0, size).Chunk(5_000))
        {
            await stores.Spans.AddAsync([.. batch.Select(number => SpanRows.Make(number, incident.Id.ToString("D")))]);
        }
    }

    private static string Words(FormattableString text) => FormattableString.Invariant(text);

    private static string Ms(double milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:N1} ms");
}
