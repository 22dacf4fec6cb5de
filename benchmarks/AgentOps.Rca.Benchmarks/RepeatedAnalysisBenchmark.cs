using System.Diagnostics;
using System.Globalization;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Benchmarks;

/// <summary>An incident that was analysed ten times: what its strict replay and its bundle cost against one analysis, in a process that runs for a while.</summary>
internal static class RepeatedAnalysisBenchmark
{
    private const int Rounds = 3;

    public static async Task RunAsync(BenchmarkReport report)
    {
        var (repeats, spans) = (report.Of(10, 5), report.Of(300_000, 20_000));
        var directory = Directory.CreateTempSubdirectory("agentops-rca-bench-");
        try
        {
            await AnalysisBenchmark.FillAsync(directory.FullName, spans);
            var services = new ServiceCollection();
            services.AddAgentOpsRca(options =>
            {
                options.DataDirectory = directory.FullName;
                options.ArtifactDirectory = Path.Combine(directory.FullName, "artifacts");
            }).UseSqlite(NativeHost.Database(directory.FullName));
            await using var provider = services.BuildServiceProvider();
            var analyzer = provider.GetRequiredService<IRcaAnalyzer>();
            var store = provider.GetRequiredService<ISpanStore>();
            List<double> readings = [], analyses = [];
            for (var i = 0; i < repeats; i++)
            {
                // The reports are spans of the incident, too.
                readings.Add(await TimeAsync(async () => await store.ListAsync(new SpanQuery { IncidentId = AnalysisBenchmark.IncidentId.ToString("D") }).CountAsync() >= spans));
                analyses.Add(await TimeAsync(async () =>
                    await analyzer.AnalyzeAsync(new RcaRequest { IncidentId = AnalysisBenchmark.IncidentId, Engine = "trace" }) is RcaOutcome.Completed));
            }

            List<double> replays = [], bundles = [];
            for (var i = 0; i < Rounds; i++)
            {
                replays.Add(await TimeAsync(async () =>
                    await provider.GetRequiredService<IReplayer>().ReplayAsync(AnalysisBenchmark.IncidentId) is { Analyses: { } all }
                    && all.Count == repeats && all.All(static one => one.Reproduced)));
                bundles.Add(await TimeAsync(async () =>
                {
                    await using var export = await provider.GetRequiredService<IBundleExporter>().PrepareAsync(AnalysisBenchmark.IncidentId);
                    await export!.WriteToAsync(Stream.Null);
                    return true;
                }));
            }

            var reading = readings.Min();
            var (analysis, replay, bundle) = (Median(analyses), Median(replays), Median(bundles));
            report.Add(Text($"Reading {spans:N0} spans through the store, the quickest of {repeats} times"), Text($"{reading:F2} s"));
            report.Add(Text($"One of {repeats} analyses of them, the median"), Text($"{analysis:F2} s"));
            report.AddAtMost("An analysis against the reading of its spans", analysis / reading, aim: 3, recorded: 4.5);
            report.Add("Strict replay of the incident with all of them, the median of 3", Text($"{replay:F2} s"));
            report.AddAtMost("Strict replay of all against one analysis", replay / analysis, aim: 1.5, recorded: 2.2);
            report.Add("Its bundle, made and written, the median of 3", Text($"{bundle:F2} s"));
            report.AddAtMost("Its bundle against one analysis", bundle / analysis, aim: 2.5, recorded: 4);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<double> TimeAsync(Func<Task<bool>> run)
    {
        var watch = Stopwatch.StartNew();
        return await run() ? watch.Elapsed.TotalSeconds : throw new InvalidOperationException("It did not go as it should.");
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
