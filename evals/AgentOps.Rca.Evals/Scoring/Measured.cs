using System.Diagnostics;
using AgentOps.Rca.Analysis;

namespace AgentOps.Rca.Evals.Scoring;

/// <summary>A report, how long the case took to be put together and analysed, and the largest managed heap seen meanwhile.</summary>
internal sealed record Measured(RcaReport Report, double Seconds, double PeakMib)
{
    /// <summary>The first hypothesis, or null.</summary>
    public RcaHypothesis? Top => Report.Hypotheses is [var top, ..] ? top : null;

    public static Task<Measured> RunAsync(IRcaEngine engine, Func<RcaCase> make) => RunAsync(async () => await engine.AnalyzeAsync(make()));

    public static async Task<Measured> RunAsync(Func<Task<RcaReport>> analyze)
    {
        GC.Collect();
        var peak = GC.GetTotalMemory(forceFullCollection: false);
        var watch = Stopwatch.StartNew();
        await using var sampler = new Timer(_ => Interlocked.Exchange(ref peak, Math.Max(Interlocked.Read(ref peak), GC.GetTotalMemory(false))), null, 5, 5);
        var report = await analyze();
        var seconds = watch.Elapsed.TotalSeconds;
        return new Measured(report, seconds, Math.Max(Interlocked.Read(ref peak), GC.GetTotalMemory(false)) / 1048576.0);
    }
}
