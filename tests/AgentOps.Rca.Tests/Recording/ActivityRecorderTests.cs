using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using AgentOps.Rca.OpenTelemetry;
using AgentOps.Rca.Recording;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Tests.Recording;

public sealed class ActivityRecorderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("MyAgent.*", "MyAgent.Orders", true)]
    [InlineData("MyAgent.*", "MyAgent.", true)]
    [InlineData("MyAgent.*", "MyAgent", false)]
    [InlineData("MyAgent", "MyAgent", true)]
    [InlineData("MyAgent", "myagent", false)]
    [InlineData("*", "anything", true)]
    [InlineData("*.Agent", "My.Agent", true)]
    [InlineData("a*b*c", "a-b-c", true)]
    [InlineData("a*b*c", "a-c-b", false)]
    [InlineData("aa*aa", "aaa", false)]
    public void Sources_are_matched_by_their_pattern(string pattern, string name, bool matches) =>
        Assert.Equal(matches, new SourcePatterns([pattern]).Match(name));

    [Fact]
    public async Task Activities_become_spans_as_OTLP_would_have_sent_them()
    {
        using var source = new ActivitySource("recorder.one");
        await using var services = Services("recorder.one");
        var recorder = await StartAsync(services);
        string run;
        string call;
        using (var outer = source.StartActivity("invoke_agent a")!)
        {
            outer.SetTag("gen_ai.operation.name", "invoke_agent").SetTag("gen_ai.agent.name", "a").SetBaggage("agentops.incident.id", "mine");
            run = $"{outer.TraceId}:{outer.SpanId}";
            using var inner = source.StartActivity("execute_tool t", ActivityKind.Client)!;
            inner.SetTag("gen_ai.operation.name", "execute_tool").SetTag("gen_ai.tool.name", "t").SetTag("gen_ai.tool.call.arguments", "{}")
                .SetTag("n", 1).SetTag("list", new[] { 1, 2 }).SetTag("zero", "a\0b").SetTag("when", new TimeSpan(1, 2, 3)).SetTag("huge", ulong.MaxValue);
            inner.AddException(new InvalidOperationException("no"));
            inner.SetStatus(ActivityStatusCode.Error, "no");
            call = $"{inner.TraceId}:{inner.SpanId}";
        }

        await recorder.StopAsync(Token);

        var spans = services.GetRequiredService<ISpanStore>();
        var root = await spans.GetAsync(run, Token);
        var span = await spans.GetAsync(call, Token);
        Assert.Equal(("agent.run/a", "mine", (string?)null), (root!.Tool, root.IncidentId, root.ParentId));
        Assert.Equal(("tool.call/t", "mine", run), (span!.Tool, span.IncidentId, span.ParentId));
        Assert.NotNull(span.ArgsDigest);
        Assert.Equal("""[1,2]""", span.Attributes.GetProperty("list").GetRawText());
        Assert.Equal("a\uFFFDb", span.Attributes.GetProperty("zero").GetString());
        Assert.Equal("18446744073709551615", span.Attributes.GetProperty("huge").GetString());
        Assert.Equal("no", SpanFailure.Read(span.Attributes)!.Message);
        Assert.True(span.EndTs >= span.StartTs && span.StartTs > 1_700_000_000_000_000_000);
        Assert.Equal((2, 0, 0), (recorder.Recorded, recorder.Dropped, recorder.Waiting));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_log_of_an_activity_gets_into_its_incident_whichever_is_stored_first(bool logFirst)
    {
        using var source = new ActivitySource("recorder.logs");
        await using var services = Services("recorder.logs");
        var intake = services.GetRequiredService<OtlpIntake>();
        var recorder = await StartAsync(services);
        string log;
        using (var activity = source.StartActivity("execute_tool t")!)
        {
            activity.SetTag("agentops.incident.id", "mine");
            log = $$$"""{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1767225600123456789","body":{"stringValue":"x"},"traceId":"{{{activity.TraceId}}}","spanId":"{{{activity.SpanId}}}"}]}]}]}""";
        }

        if (logFirst)
        {
            await intake.TakeLogsAsync(Encoding.UTF8.GetBytes(log), OtlpEncoding.Json, cancellationToken: Token);
        }

        await recorder.StopAsync(Token);
        if (!logFirst)
        {
            await intake.TakeLogsAsync(Encoding.UTF8.GetBytes(log), OtlpEncoding.Json, cancellationToken: Token);
        }

        var spans = services.GetRequiredService<ISpanStore>().ListAsync(new SpanQuery { IncidentId = "mine" });
        Assert.Equal(2, await spans.CountAsync(Token));
    }

    [Fact]
    public async Task A_full_queue_never_makes_the_caller_wait_and_counts_what_it_drops()
    {
        using var source = new ActivitySource("recorder.full");
        await using var services = Services(options =>
        {
            options.Sources.Add("recorder.full");
            options.QueueLength = 100;
            options.FlushInterval = TimeSpan.FromMinutes(5);
        });
        var counted = 0L;
        var recorder = await StartAsync(services);
        using var meter = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "agentops.rca.recording.dropped")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meter.SetMeasurementEventCallback<long>((_, value, _, _) => counted = Math.Max(counted, value));
        meter.Start();
        for (var i = 0; i < 100_000; i++)
        {
            source.StartActivity("x")?.Dispose();
        }

        meter.RecordObservableInstruments();
        Assert.Equal((99_900, 100), (recorder.Dropped, recorder.Waiting));
        Assert.Equal(99_900, counted);

        await recorder.StopAsync(Token);
        Assert.Equal((100, 99_900, 0), (recorder.Recorded, recorder.Dropped, recorder.Waiting));
    }

    [Fact]
    public async Task Only_the_chosen_share_of_traces_is_recorded_and_a_callers_decision_is_followed()
    {
        using var source = new ActivitySource("recorder.share");
        await using var services = Services(options =>
        {
            options.Sources.Add("recorder.share");
            options.SampleRatio = 0.25;
        });
        var recorder = await StartAsync(services);
        for (var i = 0; i < 4_000; i++)
        {
            Activity.Current = null;
            using var root = source.StartActivity("x", ActivityKind.Internal, default(ActivityContext));
            using var child = source.StartActivity("y");
            Assert.Equal(root?.Recorded ?? false, child?.Recorded ?? false);
        }

        var sampled = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, isRemote: true);
        var unsampled = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.None, isRemote: true);
        Assert.True(source.StartActivity("x", ActivityKind.Server, sampled) is { Recorded: true });
        Assert.False(source.StartActivity("x", ActivityKind.Server, unsampled)?.Recorded ?? false);

        await recorder.StopAsync(Token);
        Assert.InRange(recorder.Recorded, 1_600, 2_400);
    }

    [Fact]
    public async Task While_the_store_is_down_activities_wait_and_none_is_lost()
    {
        using var source = new ActivitySource("recorder.down");
        var store = new FlakySpanStore();
        await using var services = Services(options =>
        {
            options.Sources.Add("recorder.down");
            options.FlushInterval = TimeSpan.FromMilliseconds(5);
            options.StopPatience = TimeSpan.FromMinutes(1);
        }, store);
        var recorder = await StartAsync(services);
        for (var i = 0; i < 50; i++)
        {
            source.StartActivity("x")?.Dispose();
        }

        await recorder.StopAsync(Token);

        Assert.Equal((50, 0), (recorder.Recorded, recorder.Dropped));
        Assert.Equal(50, await store.Inner.ListAsync(new SpanQuery()).CountAsync(Token));
        Assert.True(store.Failures >= 3);
    }

    [Fact]
    public async Task Tags_that_cannot_be_read_and_stores_that_refuse_cost_their_activities_and_nothing_else()
    {
        using var source = new ActivitySource("recorder.odd");
        var store = new RefusingSpanStore();
        await using var services = Services(options =>
        {
            options.Sources.Add("recorder.odd");
            options.BatchSize = 1;
        }, store);
        var recorder = await StartAsync(services);
        source.StartActivity("odd")?.SetTag("x", new Odd()).Dispose();
        source.StartActivity("refused")?.Dispose();
        source.StartActivity("half \ud800")?.SetTag("\udfff", "a\ud800b").SetBaggage("agentops.incident.id", "i\0").Dispose();

        await recorder.StopAsync(Token);

        Assert.Equal((1, 2, 0), (recorder.Recorded, recorder.Dropped, recorder.Waiting));
        var span = await store.Inner.ListAsync(new SpanQuery(), Token).SingleAsync(Token);
        Assert.EndsWith("half \uFFFD", span.Tool, StringComparison.Ordinal);
        Assert.Equal(("a\uFFFDb", "i\uFFFD"), (span.Attributes.GetProperty("\uFFFD").GetString(), span.IncidentId));
    }

    private sealed class Odd
    {
        public override string ToString() => throw new NotSupportedException("no text");
    }

    private sealed class RefusingSpanStore : ISpanStore
    {
        public InMemorySpanStore Inner { get; } = new();

        public ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default) =>
            spans.Any(span => span.Tool.EndsWith("refused", StringComparison.Ordinal))
                ? throw new InvalidDataException("never")
                : Inner.AddAsync(spans, cancellationToken);

        public ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default) => Inner.GetAsync(spanId, cancellationToken);

        public IAsyncEnumerable<Span> ListAsync(SpanQuery query, CancellationToken cancellationToken = default) => Inner.ListAsync(query, cancellationToken);
    }

    [Fact]
    public async Task What_cannot_be_kept_is_told_with_its_reason_and_no_time_becomes_another()
    {
        using var source = new ActivitySource("recorder.times");
        using var log = new Groq.TestLog();
        await using var services = Services(options => options.Sources.Add(source.Name), log: log);
        var recorder = await StartAsync(services);
        foreach (var start in new[] { DateTime.UnixEpoch, new DateTime(9999, 12, 31, 0, 0, 0, DateTimeKind.Utc), new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc) })
        {
            using var activity = source.StartActivity("execute_tool t")!;
            activity.SetStartTime(start).SetEndTime(start.AddSeconds(1));
        }

        await recorder.StopAsync(Token);

        Assert.Equal((1, 2), (recorder.Recorded, recorder.Dropped));
        var span = await services.GetRequiredService<ISpanStore>().ListAsync(new SpanQuery(), Token).SingleAsync(Token);
        Assert.Equal((1_767_225_600_000_000_000, 1_767_225_601_000_000_000), (span.StartTs, span.EndTs));
        var told = Assert.Single(log.Lines, line => line.Level == LogLevel.Warning).Text;
        Assert.StartsWith("2 activities cannot be kept as spans, and are not recorded; of the last one: The span ", told, StringComparison.Ordinal);
        Assert.Contains("or one before 1973 or after 2262.", told, StringComparison.Ordinal);
    }

    private static ServiceProvider Services(string source) => Services(options => options.Sources.Add(source));

    private static ServiceProvider Services(Action<ActivityRecorderOptions> configure, ISpanStore? store = null, Groq.TestLog? log = null)
    {
        var services = new ServiceCollection();
        if (log is not null)
        {
            services.AddLogging(logging => logging.AddProvider(log));
        }

        if (store is not null)
        {
            services.AddSingleton(store);
        }

        services.AddAgentOpsRca().UseInMemory().RecordActivities(configure);
        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });
    }

    private static async Task<ActivityRecorder> StartAsync(ServiceProvider services)
    {
        var recorder = services.GetRequiredService<ActivityRecorder>();
        Assert.Contains(recorder, services.GetServices<IHostedService>());
        await recorder.StartAsync(Token);
        return recorder;
    }

    private sealed class FlakySpanStore : ISpanStore
    {
        public InMemorySpanStore Inner { get; } = new();

        public int Failures { get; private set; }

        public ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default) =>
            Failures++ < 3
                ? throw new StoreUnavailableException("The store is down.") { RetryAfter = TimeSpan.FromMilliseconds(20) }
                : Inner.AddAsync(spans, cancellationToken);

        public ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default) => Inner.GetAsync(spanId, cancellationToken);

        public IAsyncEnumerable<Span> ListAsync(SpanQuery query, CancellationToken cancellationToken = default) => Inner.ListAsync(query, cancellationToken);
    }
}
