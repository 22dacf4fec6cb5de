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

    // Fewer than the queue takes: each burst is written before the next one begins.
    private const int Activities = 8_000;
    private const int Rounds = 100;
    private const int Overload = 5_000_000;

    public static async Task RunAsync(BenchmarkReport report)
    {
        // The same activity for a listener that keeps nothing: what is left is the cost of recording it.
        var plain = Measure(static () => { });
        await using var services = new ServiceCollection().AddSingleton<ISpanStore>(new IdleSpanStore()).AddAgentOpsRca().UseInMemory()
            .RecordActivities(options =>
            {
                options.Sources.Add(SourceName);
                options.FlushInterval = TimeSpan.FromMilliseconds(1);
            }).Services.BuildServiceProvider();
        using var recorder = services.GetRequiredService<ActivityRecorder>();
        await recorder.StartAsync(CancellationToken.None);
        Action drain = () => SpinWait.SpinUntil(() => recorder.Waiting == 0);
        var recorded = Measure(drain);
        (double Nanoseconds, double Bytes) within;
        await using (services.GetRequiredService<IAgentRecorder>().StartRun("benchmark"))
        {
            within = Measure(drain);
        }

        await recorder.StopAsync(CancellationToken.None);
        if (recorder.Dropped > 0)
        {
            throw new InvalidOperationException($"{recorder.Dropped} of the activities that were measured were dropped.");
        }

        report.Add("An activity for a listener that keeps nothing", Figure(plain, default));
        report.Add("Recording it, on the thread that ends it", Figure(recorded, plain) + " more", "at most 500 ns and no byte");
        report.Add("Recording it within a run that is recorded, too", Figure(within, plain) + " more");
        await OverloadAsync(report);
    }

    private static string Figure((double Nanoseconds, double Bytes) found, (double Nanoseconds, double Bytes) plain) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, found.Nanoseconds - plain.Nanoseconds):N0} ns and {Math.Max(0, found.Bytes - plain.Bytes):N0} bytes");

    private static (double Nanoseconds, double Bytes) Measure(Action drain)
    {
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
            drain();
            var before = GC.GetAllocatedBytesForCurrentThread();
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < Activities; i++)
            {
                using var activity = source.StartActivity("execute_tool search");
                activity?.SetTag("gen_ai.tool.name", "search");
            }

            if (round > Rounds / 10)
            {
                times.Add(watch.Elapsed.TotalNanoseconds / Activities);
                bytes.Add((double)(GC.GetAllocatedBytesForCurrentThread() - before) / Activities);
            }
        }

        return (times.Order().ElementAt(times.Count / 2), bytes.Order().ElementAt(bytes.Count / 2));
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

    private sealed class IdleSpanStore : ISpanStore
    {
        public ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(new SpanWriteResult(spans.Count, 0, []));

        public ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default) => ValueTask.FromResult<Span?>(null);

        public IAsyncEnumerable<Span> ListAsync(SpanQuery query, CancellationToken cancellationToken = default) => AsyncEnumerable.Empty<Span>();
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
