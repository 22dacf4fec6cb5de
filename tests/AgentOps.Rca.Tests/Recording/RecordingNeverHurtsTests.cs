using System.Diagnostics;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Recording;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Tests.Recording;

/// <summary>A3, A4 and A10: recording neither harms what is recorded nor feeds on itself.</summary>
public sealed class RecordingNeverHurtsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // A3: once another listener has sampled an activity, every listener is told that it stopped.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_store_that_is_recorded_too_is_not_recorded_while_it_records(bool otherListener)
    {
        var name = $"hurts.loop.{Guid.NewGuid():N}";
        using var source = new ActivitySource(name);
        using var other = new ActivityListener
        {
            ShouldListenTo = listened => listened.Name == name,
            Sample = (ref _) => otherListener ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
        };
        ActivitySource.AddActivityListener(other);
        var store = new ScriptedStore(spans =>
        {
            using var activity = source.StartActivity("insert");
            return null;
        });
        await using var services = Services(name, store, 100);
        var recorder = services.GetRequiredService<ActivityRecorder>();
        await recorder.StartAsync(Token);
        source.StartActivity("one")?.Dispose();
        await WaitAsync(() => recorder.Recorded > 0);
        await Task.Delay(200, Token);

        // Neither by the wrapper of a call, which writes on the agent's own flow.
        await services.GetRequiredService<IAgentRecorder>().Wrap(AIFunctionFactory.Create(() => 1, "one")).InvokeAsync(cancellationToken: Token);
        await recorder.StopAsync(Token);

        Assert.Equal(["agentops", "one"], (await store.Inner.ListAsync(new SpanQuery(), Token).ToListAsync(Token))
            .Select(span => span.Tool.StartsWith("tool.call", StringComparison.Ordinal) ? "agentops" : span.Tool.Split('/')[^1]).Order(StringComparer.Ordinal));
    }

    // A4: whatever a store, a listener or a content store throws.
    [Theory]
    [InlineData(typeof(HttpRequestException))]
    [InlineData(typeof(OperationCanceledException))]
    [InlineData(typeof(TimeoutException))]
    [InlineData(typeof(OutOfMemoryException))]
    [InlineData(typeof(Exception))]
    public async Task No_fault_of_a_store_reaches_the_agent_or_replaces_its_exception(Type fault)
    {
        var recorder = Recorder(new ScriptedStore(_ => (Exception)Activator.CreateInstance(fault)!));
        var fine = recorder.Wrap(AIFunctionFactory.Create(() => 7, "fine"));
        var failing = recorder.Wrap(AIFunctionFactory.Create(int () => throw new InvalidCastException("the agent's own"), "failing"));
        using var client = recorder.Wrap(new OddClient());

        Assert.Equal("7", (await fine.InvokeAsync(cancellationToken: Token))?.ToString());
        Assert.Equal("the agent's own", (await Assert.ThrowsAsync<InvalidCastException>(async () => await failing.InvokeAsync(cancellationToken: Token))).Message);
        Assert.Equal("hi", (await client.GetResponseAsync("x", cancellationToken: Token)).Text);
        Assert.Equal("hi", (await client.GetStreamingResponseAsync("x", cancellationToken: Token).ToChatResponseAsync(Token)).Text);
        await using (recorder.StartRun("a"))
        {
        }

        Assert.Equal(5, recorder.Failures);
    }

    [Fact]
    public async Task No_fault_of_an_observer_reaches_the_agent_and_the_others_are_told()
    {
        var store = new InMemorySpanStore();
        var last = new Observer(fails: false);
        var recorder = Recorder(store, new Observer(fails: true), last);

        await recorder.Wrap(AIFunctionFactory.Create(() => 7, "fine")).InvokeAsync(cancellationToken: Token);

        Assert.Equal((1, 1, 0), (await store.ListAsync(new SpanQuery(), Token).CountAsync(Token), last.Told, recorder.Failures));
    }

    // A14: what is stored under its id is another span.
    [Fact]
    public async Task A_span_that_the_store_keeps_out_counts_as_not_recorded()
    {
        var recorder = Recorder(new ConflictingStore());
        await recorder.Wrap(AIFunctionFactory.Create(() => 7, "fine")).InvokeAsync(cancellationToken: Token);
        Assert.Equal(1, recorder.Failures);
    }

    // A10.
    [Fact]
    public async Task One_span_that_the_store_refuses_costs_nothing_but_itself()
    {
        var name = $"hurts.poison.{Guid.NewGuid():N}";
        using var source = new ActivitySource(name);
        var store = new ScriptedStore(spans => spans.Any(span => span.Tool.EndsWith("poison", StringComparison.Ordinal)) ? new HttpRequestException("no") : null);
        await using var services = Services(name, store, 1_000);
        var recorder = services.GetRequiredService<ActivityRecorder>();
        await recorder.StartAsync(Token);
        for (var i = 0; i < 500; i++)
        {
            source.StartActivity(i == 250 ? "poison" : "fine")?.Dispose();
        }

        await recorder.StopAsync(Token);

        Assert.Equal((499, 1), (recorder.Recorded, recorder.Dropped));
        Assert.Equal(499, await store.Inner.ListAsync(new SpanQuery(), Token).CountAsync(Token));
    }

    // A store's own time limit looks like a cancelled call, and ended the recording of the whole process.
    [Fact]
    public async Task A_call_that_the_store_gave_up_does_not_end_the_recording()
    {
        var name = $"hurts.cancelled.{Guid.NewGuid():N}";
        using var source = new ActivitySource(name);
        var calls = 0;
        var store = new ScriptedStore(_ => Interlocked.Increment(ref calls) == 1 ? new TaskCanceledException("too slow") : null);
        await using var services = Services(name, store, 1_000);
        var recorder = services.GetRequiredService<ActivityRecorder>();
        await recorder.StartAsync(Token);
        source.StartActivity("one")?.Dispose();
        await WaitAsync(() => recorder.Dropped + recorder.Recorded > 0);
        source.StartActivity("two")?.Dispose();
        await WaitAsync(() => recorder.Recorded > 0);
        await recorder.StopAsync(Token);
    }

    // F21: the README promises a sentence that names it.
    [Theory]
    [InlineData("", 1, "AgentOpsRca:RecordActivities:Sources holds an empty name")]
    [InlineData("x", 0, "BatchSize must be between 1 and 100000")]
    public async Task A_setting_of_recording_that_is_wrong_is_named(string source, int batchSize, string sentence)
    {
        await using var services = Services(source, new InMemorySpanStore(), batchSize);
        var failure = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<ActivityRecorder>());
        Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);
    }

    private static AgentRecorder Recorder(ISpanStore spans, params ISpanObserver[] observers) => new(
        new SpanIntake(spans, observers),
        new ArtifactVault(new InMemoryArtifactStore(), new InMemoryArtifactContentStore(), TimeProvider.System),
        TimeProvider.System,
        NullLogger<AgentRecorder>.Instance);

    private static ServiceProvider Services(string source, ISpanStore store, int batchSize)
    {
        var services = new ServiceCollection();
        services.AddSingleton(store);
        services.AddAgentOpsRca().UseInMemory().RecordActivities(options =>
        {
            options.Sources.Add(source);
            options.BatchSize = batchSize;
            options.FlushInterval = TimeSpan.FromMilliseconds(20);
        });
        return services.BuildServiceProvider();
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            await Task.Delay(10, limit.Token);
        }
    }

    private sealed class ScriptedStore(Func<IReadOnlyList<Span>, Exception?> fault) : ISpanStore
    {
        public InMemorySpanStore Inner { get; } = new();

        public ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default) =>
            fault(spans) is { } exception ? throw exception : Inner.AddAsync(spans, cancellationToken);

        public ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default) => Inner.GetAsync(spanId, cancellationToken);

        public IAsyncEnumerable<Span> ListAsync(SpanQuery query, CancellationToken cancellationToken = default) => Inner.ListAsync(query, cancellationToken);
    }

    private sealed class ConflictingStore : ISpanStore
    {
        public ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(new SpanWriteResult(0, 0, [spans[0].SpanId]));

        public ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default) => ValueTask.FromResult<Span?>(null);

        public IAsyncEnumerable<Span> ListAsync(SpanQuery query, CancellationToken cancellationToken = default) => AsyncEnumerable.Empty<Span>();
    }

    private sealed class Observer(bool fails) : ISpanObserver
    {
        public int Told { get; private set; }

        public void OnStored(IReadOnlyList<Span> spans)
        {
            if (fails)
            {
                throw new HttpRequestException("nobody listens");
            }

            Told++;
        }
    }

    // Its stream fails when it is closed, and it does not like to be asked what it is.
    private sealed class OddClient : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "hi")));

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            new[] { new ChatResponseUpdate(ChatRole.Assistant, "hi") }.ToAsyncEnumerable();

        public object? GetService(Type serviceType, object? serviceKey = null) => throw new NotImplementedException();

        public void Dispose()
        {
        }
    }
}
