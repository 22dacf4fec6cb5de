using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Recording;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Tests.Groq;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

namespace AgentOps.Rca.Tests.Analysis;

public sealed class RcaAnalyzerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_two_analyses_of_one_case_in_one_instant_the_first_is_what_both_say()
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(new FakeTimeProvider(Samples.Instant)).AddSingleton<IRcaEngine>(new ChangingEngine());
        services.AddAgentOpsRca().UseInMemory();
        await using var provider = services.BuildServiceProvider();

        var first = await AnalyzeAsync(provider, "changing");
        var second = await AnalyzeAsync(provider, "changing");

        Assert.Equal("Time 1.", first.Report.Summary);
        Assert.Equal((first.SpanId, first.Report.Summary, first.Report.ReportDigest), (second.SpanId, second.Report.Summary, second.Report.ReportDigest));
        var span = await provider.GetRequiredService<ISpanStore>().GetAsync(second.SpanId, Token);
        Assert.Equal(second.Report.ReportDigest, span!.ResultDigest);
    }

    [Fact]
    public async Task Why_a_models_client_failed_is_in_the_log_its_kinds_for_all_and_its_words_for_those_who_look()
    {
        var client = Substitute.For<IChatClient>();
        client.GetResponseAsync(default!, default, default).ThrowsAsyncForAnyArgs(new InvalidOperationException("index was out of range of the private words"));
        using var log = new TestLog();
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(log).SetMinimumLevel(LogLevel.Debug));
        services.AddAgentOpsRca().UseInMemory().UseChatClient(client);
        await using var provider = services.BuildServiceProvider();

        await AnalyzeAsync(provider, "llm");

        Assert.Contains(log.Lines, line => line.Level == LogLevel.Debug && line.Text.Contains("index was out of range", StringComparison.Ordinal));
        var told = Assert.Single(log.Lines, line => line.Level == LogLevel.Warning && line.Text.StartsWith("The model did not answer", StringComparison.Ordinal));
        Assert.Contains(nameof(InvalidOperationException), told.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("private words", told.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_of_an_artifact_that_no_span_can_keep_stop_no_analysis()
    {
        var services = new ServiceCollection();
        services.AddAgentOpsRca().UseInMemory();
        await using var provider = services.BuildServiceProvider();
        var recorder = provider.GetRequiredService<IAgentRecorder>();
        await using (recorder.StartRun("a", Samples.Id(1)))
        {
            var function = recorder.Wrap(AIFunctionFactory.Create((System.Text.Json.JsonElement order) => order, "book"));
            await function.InvokeAsync(new AIFunctionArguments { ["order"] = Samples.Json("""{"error":"\u0000"}""") }, Token);
            var failing = recorder.Wrap(AIFunctionFactory.Create((string order) => order.Length > 0 ? throw new InvalidOperationException("a\0b") : order, "pay"));
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await failing.InvokeAsync(new AIFunctionArguments { ["order"] = "o" }, Token));
        }

        await AnalyzeAsync(provider, "trace");

        Assert.Equal("rate|tool/a|e\uFFFD", RcaSignature.Of("rate", "tool|a", "e\0").ToString());
    }

    [Fact]
    public async Task The_trace_engine_works_while_the_index_is_stored_and_nothing_is_recorded_when_that_fails()
    {
        var contents = new HeldContents();
        await using var provider = With(contents);
        var steps = new Steps();
        var analysis = AnalyzeAsync(provider, RcaEngines.Trace, steps);

        await steps.Evidence.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.False(analysis.IsCompleted);
        contents.Held.SetException(new StoreUnavailableException("gone", new IOException("disk")));

        Assert.Equal("gone", (await Assert.ThrowsAsync<StoreUnavailableException>(() => analysis)).Message);
        Assert.Equal(1, await provider.GetRequiredService<ISpanStore>().CountAsync(Samples.Id(1).ToString("D"), Token));
    }

    [Fact]
    public async Task An_engine_that_may_ask_a_model_waits_for_the_manifest_which_names_its_calls()
    {
        var contents = new HeldContents();
        await using var provider = With(contents, new ChangingEngine());
        var steps = new Steps();
        var analysis = AnalyzeAsync(provider, "changing", steps);

        await steps.Loaded.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        await Task.WhenAny(steps.Evidence.Task, Task.Delay(TimeSpan.FromMilliseconds(300), Token));
        Assert.False(steps.Evidence.Task.IsCompleted);
        contents.Held.SetResult();

        Assert.Equal("Time 1.", (await analysis).Report.Summary);
        Assert.True(steps.Evidence.Task.IsCompleted);
    }

    [Fact]
    public async Task An_engine_that_fails_stops_the_storing_of_the_index()
    {
        var contents = new HeldContents();
        await using var provider = With(contents);

        await Assert.ThrowsAsync<NotSupportedException>(() => AnalyzeAsync(provider, RcaEngines.Trace, new Steps { Fault = new NotSupportedException() }));

        Assert.True(contents.WasCancelled);
    }

    [Fact]
    public async Task An_engine_does_not_work_on_for_what_cannot_be_stored()
    {
        var contents = new HeldContents();
        var engine = new EndlessEngine();
        await using var provider = With(contents, engine);
        var analysis = AnalyzeAsync(provider, engine.Name);
        await engine.Begun.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);

        contents.Held.SetException(new StoreUnavailableException("gone", new IOException("disk")));

        Assert.Equal("gone", (await Assert.ThrowsAsync<StoreUnavailableException>(() => analysis.WaitAsync(TimeSpan.FromSeconds(30), Token))).Message);
        Assert.True(engine.WasStopped);
    }

    private static ServiceProvider With(HeldContents contents, params IRcaEngine[] engines)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IArtifactContentStore>(contents);
        Array.ForEach(engines, engine => services.AddSingleton(engine));
        services.AddAgentOpsRca().UseInMemory();
        return services.BuildServiceProvider();
    }

    private static async Task<RcaOutcome.Completed> AnalyzeAsync(IServiceProvider provider, string engine, IProgress<RcaProgress>? progress = null)
    {
        await provider.GetRequiredService<IIncidentStore>().AddAsync(Samples.Incident(1), Token);
        await provider.GetRequiredService<ISpanStore>().AddAsync(
            [Samples.Span("a", attributes: """{"status":"error"}""") with { IncidentId = Samples.Id(1).ToString("D") }], Token);
        var outcome = await provider.GetRequiredService<RcaAnalyzer>().AnalyzeAsync(new RcaRequest { IncidentId = Samples.Id(1), Engine = engine }, progress, Token);
        return Assert.IsType<RcaOutcome.Completed>(outcome);
    }

    private sealed class Steps : IProgress<RcaProgress>
    {
        public TaskCompletionSource Loaded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Evidence { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Exception? Fault { get; init; }

        public void Report(RcaProgress value)
        {
            (value.Stage == RcaStages.CaseLoaded ? Loaded : Evidence).TrySetResult();
            if (value.Stage == RcaStages.Evidence && Fault is not null)
            {
                throw Fault;
            }
        }
    }

    // Takes nothing until the test lets it.
    private sealed class HeldContents : IArtifactContentStore
    {
        private readonly InMemoryArtifactContentStore _inner = new();

        public TaskCompletionSource Held { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool WasCancelled { get; private set; }

        public async ValueTask<StoredContent> WriteAsync(Stream content, ArtifactDigest? expected = null, CancellationToken cancellationToken = default)
        {
            try
            {
                await Held.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                WasCancelled = true;
                throw;
            }

            return await _inner.WriteAsync(content, expected, cancellationToken);
        }

        public ValueTask<Stream?> OpenAsync(ArtifactDigest digest, CancellationToken cancellationToken = default) => _inner.OpenAsync(digest, cancellationToken);
    }

    private sealed class EndlessEngine : ITimelessEngine
    {
        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool WasStopped { get; private set; }

        public string Name => "endless";

        public string Version => "1";

        public bool IsTimeless => true;

        public async ValueTask<RcaReport> AnalyzeAsync(RcaCase rcaCase, IProgress<RcaProgress>? progress = null, CancellationToken cancellationToken = default)
        {
            Begun.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                WasStopped = true;
                throw;
            }

            throw new NotSupportedException();
        }
    }

    private sealed class ChangingEngine : IRcaEngine
    {
        private int _times;

        public string Name => "changing";

        public string Version => "1";

        public ValueTask<RcaReport> AnalyzeAsync(RcaCase rcaCase, IProgress<RcaProgress>? progress = null, CancellationToken cancellationToken = default)
        {
            progress?.Report(new RcaProgress(RcaStages.Evidence, "Looked."));
            return ValueTask.FromResult(new RcaReport
            {
                IncidentId = rcaCase.Incident.Id,
                Verdict = RcaVerdict.Inconclusive,
                Confidence = 0,
                Summary = $"Time {++_times}.",
                Engine = Name,
                EngineVersion = Version,
                AnalysisTimestamp = rcaCase.AnalyzedAt,
            });
        }
    }
}
