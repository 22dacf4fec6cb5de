using System.Diagnostics;
using System.Globalization;

namespace AgentOps.Rca.Benchmarks;

/// <summary>
/// Looks at the memory of the process while work goes on, and says whether it is flat: the median of the second fifth of the time against
/// that of the last one. Before, all that the heap holds in reserve is given back, so that it hides nothing; in the first fifth, pools and
/// the heap find their size.
/// </summary>
internal static class MemoryWatch
{
    /// <summary>What flat means.</summary>
    public const string Aim = "under 5 %";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Runs work whose code is compiled already, and yields its line of the report.</summary>
    public static async Task<string> RunAsync(Func<Task> work)
    {
        List<long> samples = [];
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var liveBefore = GC.GetTotalMemory(forceFullCollection: true);
        using var stop = new CancellationTokenSource();
        using var process = Process.GetCurrentProcess();
        var watching = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                process.Refresh();
                samples.Add(process.WorkingSet64);
                await Task.Delay(Pause);
            }
        });
        await work();
        await stop.CancelAsync();
        await watching;
        var liveAfter = GC.GetTotalMemory(forceFullCollection: true);
        var early = Median(samples[(samples.Count / 5)..(samples.Count * 2 / 5)]);
        var late = Median(samples[(samples.Count * 4 / 5)..]);
        // Minus nothing would be written with both signs.
        var growth = Math.Round((late - early) / early * 100, 1) + 0.0;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{growth:+0.0;-0.0;+0.0} % (from {early / (1 << 20):F0} to {late / (1 << 20):F0} MiB; alive {liveBefore >> 20} MiB before and {liveAfter >> 20} after)");
    }

    private static double Median(List<long> samples) => samples.Order().ElementAt(samples.Count / 2);
}
