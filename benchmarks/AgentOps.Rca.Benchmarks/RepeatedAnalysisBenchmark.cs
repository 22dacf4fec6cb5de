using System.Diagnostics;
using System.Globalization;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Bundles;
using AgentOps.Rca.Replay;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Benchmarks;

/// <summary>An incident that was analysed ten times: what its strict replay and its bundle cost against one analysis, in a process that runs for a while.</summary>
internal static class RepeatedAnalysisBenchmark
{
    public const int Analyses = 10;
    private const int Spans = 300_000;

    public static async Task RunAsync(BenchmarkReport report)
    {
        var directory = Directory.CreateTempSubdirectory("agentops-rca-bench-");
        try
        {
            await AnalysisBenchmark.FillAsync(directory.FullName, Spans);
            var services = new ServiceCollection();
            services.AddAgentOpsRca(options =>
            {
                options.DataDirectory = directory.FullName;
                options.ArtifactDirectory = Path.Combine(directory.FullName, "artifacts");
            }).UseSqlite(NativeHost.Database(directory.FullName));
            await using var provider = services.BuildServiceProvider();
            var analyzer = provider.GetRequiredService<IRcaAnalyzer>();
            List<double> analyses = [];
            for (var i = 0; i < Analyses; i++)
            {
                analyses.Add(await TimeAsync(async () =>
                    await analyzer.AnalyzeAsync(new RcaRequest { IncidentId = AnalysisBenchmark.IncidentId, Engine = "trace" }) is RcaOutcome.Completed));
            }

            analyses.Sort();
            var analysis = analyses[Analyses / 2];
            var replay = await TimeAsync(async () =>
                await provider.GetRequiredService<IReplayer>().ReplayAsync(AnalysisBenchmark.IncidentId) is { Analyses: { Count: Analyses } all }
                && all.All(static one => one.Reproduced));
            var bundle = await TimeAsync(async () =>
            {
                await using var export = await provider.GetRequiredService<IBundleExporter>().PrepareAsync(AnalysisBenchmark.IncidentId);
                await export!.WriteToAsync(Stream.Null);
                return true;
            });
            report.Add(Text($"One of {Analyses} analyses of {Spans:N0} spans, the median"), Text($"{analysis:F2} s"));
            report.Add("Strict replay of the incident with all of them", Text($"{replay:F2} s, {replay / analysis:F2} of one"), "at most 1.5");
            report.Add("Its bundle, made and written", Text($"{bundle:F2} s, {bundle / analysis:F2} of one"), "at most 2.5");
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

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
