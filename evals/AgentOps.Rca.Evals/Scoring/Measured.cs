using System.Diagnostics;
using AgentOps.Rca.Analysis;

namespace AgentOps.Rca.Evals.Scoring;

/// <summary>A report, how long the engine took for it, and the largest managed heap seen meanwhile.</summary>
internal sealed record Measured(RcaReport Report, double Seconds, double PeakMib)
{
    /// <summary>The first hypothesis, or null.</summary>
    public RcaHypothesis? Top => Report.Hypotheses is [var top, ..] ? top : null;

    public static async Task<Measured> RunAsync(IRcaEngine engine, RcaCase rcaCase)
    {
        var peak = GC.GetTotalMemory(forceFullCollection: false);
        var watch = Stopwatch.StartNew();
        await using var sampler = new Timer(_ => peak = Math.Max(peak, GC.GetTotalMemory(false)), null, 20, 20);
        var report = await engine.AnalyzeAsync(rcaCase);
        var seconds = watch.Elapsed.TotalSeconds;
        return new Measured(report, seconds, Math.Max(peak, GC.GetTotalMemory(false)) / 1048576.0);
    }
}
