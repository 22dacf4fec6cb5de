using System.Diagnostics;
using System.Globalization;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Benchmarks;

/// <summary>A whole analysis out of a SQLite file: loading, index, engine, and the recording of the report.</summary>
internal static class AnalysisBenchmark
{
    public const string Worker = "analysis-worker";

    private static readonly Guid IncidentId = new("6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a09");
    private static readonly int[] Sizes = [10_000, 100_000, 1_000_000];

    public static async Task RunAsync(BenchmarkReport report)
    {
        foreach (var size in Sizes)
        {
            var directory = Directory.CreateTempSubdirectory("agentops-rca-bench-");
            try
            {
                // Peak memory is a process's own, so each size has a process, and the one that fills the store is another.
                await FillAsync(directory.FullName, size);
                var start = new ProcessStartInfo(Environment.ProcessPath!, [Worker, directory.FullName]) { RedirectStandardOutput = true };
                using var process = Process.Start(start)!;
                var output = (await process.StandardOutput.ReadToEndAsync()).Trim().Split(';');
                await process.WaitForExitAsync();
                report.Add(
                    string.Create(CultureInfo.InvariantCulture, $"Analysis of {size:N0} spans out of SQLite"),
                    $"{output[0]} s, {output[1]} MiB at most",
                    size switch { 100_000 => "under 2 s", 1_000_000 => "linear, inside 1 GiB", _ => "" });
            }
            finally
            {
                directory.Delete(recursive: true);
            }
        }
    }

    /// <summary>Analyses what lies in a directory, first of all, in this process: what starts with it counts.</summary>
    public static async Task<int> RunWorkerAsync(string directory)
    {
        var services = new ServiceCollection();
        services.AddAgentOpsRca(options =>
        {
            options.DataDirectory = directory;
            options.ArtifactDirectory = Path.Combine(directory, "artifacts");
        }).UseSqlite(Database(directory));
        await using var provider = services.BuildServiceProvider();
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        var outcome = await provider.GetRequiredService<RcaAnalyzer>().AnalyzeAsync(new RcaRequest { IncidentId = IncidentId, Engine = "trace" });
        watch.Stop();
        if (outcome is not RcaOutcome.Completed)
        {
            Console.Error.WriteLine(outcome);
            return 1;
        }

        process.Refresh();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{watch.Elapsed.TotalSeconds:F2};{process.PeakWorkingSet64 >> 20};{(process.TotalProcessorTime - before).TotalSeconds:F2}"));
        return 0;
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
        await using var stores = new SqliteStores(Database(directory));
        await stores.Incidents.AddAsync(incident);
        foreach (var batch in Enumerable.Range(0, size).Chunk(5_000))
        {
            await stores.Spans.AddAsync([.. batch.Select(number => SpanRows.Make(number, incident.Id.ToString("D")))]);
        }
    }

    private static string Database(string directory) => Path.Combine(directory, "spans.db");
}
