using System.Diagnostics;
using System.Globalization;
using AgentOps.Rca.Recording;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Benchmarks;

/// <summary>What recording costs the thread that ends an activity, and what overload does to the memory.</summary>
internal static class RecordingBenchmark
{
    private const string SourceName = "AgentOps.Rca.Benchmarks.Recording";
    private const int Activities = 200_000;
    private const int Rounds = 7;
    private const int Overload = 5_000_000;

    public static async Task RunAsync(BenchmarkReport report)
    {
        // The same activity for a listener that keeps nothing: what is left is the cost of recording it.
        var (plainTime, plainBytes) = Measure(static () => { });
        await using var services = new ServiceCollection().AddAgentOpsRca().UseInMemory()
            .RecordActivities(options =>
            {
                options.Sources.Add(SourceName);
                options.QueueLength = Activities * (Rounds + 2);
                options.FlushInterval = TimeSpan.FromMinutes(10);
            }).Services.BuildServiceProvider();
        using var recorder = services.GetRequiredService<ActivityRecorder>();
        var (time, bytes) = Measure(() => _ = recorder.Waiting);
        report.Add(
            "Recording an activity, on the thread that ends it",
            string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, time - plainTime):N0} ns and {Math.Max(0, bytes - plainBytes):N1} bytes more than a listener that keeps nothing ({plainTime:N0} ns, {plainBytes:N0} bytes)"),
            "below 2,000 ns, no allocation beyond the record");
        await OverloadAsync(report);
    }

    private static (double Nanoseconds, double Bytes) Measure(Action warm)
    {
        warm();
        using var source = new ActivitySource(SourceName);
        using var listener = new ActivityListener
        {
            ShouldListenTo = static candidate => candidate.Name == SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        List<double> times = [];
        List<double> bytes = [];
        for (var round = 0; round <= Rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < Activities; i++)
            {
                using var activity = source.StartActivity("execute_tool search");
                activity?.SetTag("gen_ai.tool.name", "search");
            }

            if (round > 0)
            {
                times.Add(watch.Elapsed.TotalNanoseconds / Activities);
                bytes.Add((double)(GC.GetAllocatedBytesForCurrentThread() - before) / Activities);
            }
        }

        return (times.Order().ElementAt(Rounds / 2), bytes.Order().ElementAt(Rounds / 2));
    }

    private static async Task OverloadAsync(BenchmarkReport report)
    {
        await using var services = new ServiceCollection().AddSingleton<ISpanStore>(new StuckSpanStore()).AddAgentOpsRca().UseInMemory()
            .RecordActivities(SourceName).Services.BuildServiceProvider();
        using var recorder = services.GetRequiredService<ActivityRecorder>();
        await recorder.StartAsync(CancellationToken.None);
        using var source = new ActivitySource(SourceName);
        Emit(source, Overload / 10);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Emit(source, Overload);
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        var lost = recorder.Dropped;
        report.Add(
            string.Create(CultureInfo.InvariantCulture, $"Overload: {Overload:N0} activities while the store is stuck, a queue of 8,192"),
            string.Create(CultureInfo.InvariantCulture, $"{grown / 1024:N0} KiB more in use afterwards; {lost:N0} dropped and counted, {recorder.Waiting:N0} waiting"),
            "flat, drops counted");
    }

    private static void Emit(ActivitySource source, int count)
    {
        for (var i = 0; i < count; i++)
        {
            source.StartActivity("execute_tool search")?.Dispose();
        }
    }

    private sealed class StuckSpanStore : ISpanStore
    {
        public async ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return SpanWriteResult.Empty;
        }

        public ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default) => ValueTask.FromResult<Span?>(null);

        public IAsyncEnumerable<Span> ListAsync(SpanQuery query, CancellationToken cancellationToken = default) => AsyncEnumerable.Empty<Span>();
    }
}
