using AgentOps.Rca.Detection;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Recording;
using AgentOps.Rca.Replay;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using NSubstitute;

namespace AgentOps.Rca.Tests.Recording;

public sealed class UseAgentOpsRcaTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_of_models_and_functions_are_recorded_within_their_run_and_a_failed_run_opens_an_incident()
    {
        var services = new ServiceCollection();
        services.AddAgentOpsRca().UseInMemory().DetectIncidents(options => options.Analyze = false);
        await using var provider = services.BuildServiceProvider();
        using var client = Answering("hello").AsBuilder().UseAgentOpsRca().Build(provider);
        var function = AIFunctionFactory.Create((string order) => $"booked {order}", "book").UseAgentOpsRca(provider);
        string runId;
        await using (var run = provider.GetRequiredService<IAgentRecorder>().StartRun("orders"))
        {
            runId = run.SpanId;
            Assert.Equal("hello", (await client.GetResponseAsync("hi", new ChatOptions { ModelId = "m" }, Token)).Text);
            Assert.Equal("booked o-1", $"{await function.InvokeAsync(new AIFunctionArguments { ["order"] = "o-1" }, Token)}");
            run.Fail(new InvalidOperationException("no carrier"));
        }

        var spans = await provider.GetRequiredService<ISpanStore>().ListAsync(new SpanQuery(), Token).ToListAsync(Token);
        Assert.Equal(["agent.run/orders", "llm.call/m", "tool.call/book"], spans.Select(span => span.Tool).Order());
        Assert.All(spans.Where(span => span.SpanId != runId), span => Assert.Equal((runId, true, true), (span.ParentId, span.ArgsDigest is not null, span.ResultDigest is not null)));

        var detector = provider.GetRequiredService<IncidentDetector>();
        await detector.JudgeAsync(RunSpans.KeyOf(runId), Token);
        var incident = await provider.GetRequiredService<IIncidentStore>().ListAsync(new IncidentQuery(), Token).SingleAsync(Token);
        Assert.Equal((IncidentOpening.IdOf(runId), "agent_error"), (incident.Id, incident.ProblemType));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_model_that_only_its_answer_names_is_recorded_by_that_name_and_replayed(bool streams)
    {
        var services = new ServiceCollection();
        services.AddAgentOpsRca().UseInMemory();
        await using var provider = services.BuildServiceProvider();
        var recorder = provider.GetRequiredService<IAgentRecorder>();
        string runId;
        await using (var run = recorder.StartRun("a", Samples.Id(1)))
        {
            runId = run.SpanId;
            Assert.Equal("hello", await AskAsync(recorder.Wrap(new UnnamedModel()), streams));
        }

        var spans = provider.GetRequiredService<ISpanStore>();
        Assert.Equal(["agent.run/a", "llm.call/m-7"], await spans.ListAsync(new SpanQuery(), Token).Select(span => span.Tool).Order().ToListAsync(Token));

        var replay = await provider.GetRequiredService<AgentReplayer>().OpenAsync(Samples.Id(1), runId, Token);
        await using (replay.StartRun("a"))
        {
            Assert.Equal("hello", await AskAsync(replay.CreateChatClient(), streams));
        }

        Assert.Equal(ReplayVerdict.Reproduced, replay.Finish().Verdict);
    }

    private static async Task<string> AskAsync(IChatClient client, bool streams) => streams
        ? string.Concat(await client.GetStreamingResponseAsync("hi", cancellationToken: Token).Select(update => update.Text).ToListAsync(Token))
        : (await client.GetResponseAsync("hi", cancellationToken: Token)).Text;

    private sealed class UnnamedModel : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "hello")) { ModelId = "m-7" });

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            yield return new ChatResponseUpdate(ChatRole.Assistant, "hel") { ModelId = "m-7" };
            yield return new ChatResponseUpdate(ChatRole.Assistant, "lo") { ModelId = "m-7" };
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }

    [Fact]
    public async Task A_run_that_the_recorder_stores_is_seen_by_those_who_watch()
    {
        var services = new ServiceCollection();
        var observer = Substitute.For<ISpanObserver>();
        services.AddSingleton(observer);
        services.AddAgentOpsRca().UseInMemory();
        await using var provider = services.BuildServiceProvider();

        await using (provider.GetRequiredService<IAgentRecorder>().StartRun("orders"))
        {
        }

        observer.Received(1).OnStored(Arg.Is<IReadOnlyList<Span>>(spans => spans.Count == 1 && spans[0].Tool == "agent.run/orders"));
    }

    [Fact]
    public void Without_the_services_the_line_to_write_is_said()
    {
        var builder = Answering("x").AsBuilder().UseAgentOpsRca();

        Assert.Contains("AddAgentOpsRca()", Assert.Throws<InvalidOperationException>(() => builder.Build()).Message, StringComparison.Ordinal);
    }

    private static IChatClient Answering(string text)
    {
        var client = Substitute.For<IChatClient>();
        client.GetResponseAsync(default!, default, default).ReturnsForAnyArgs(new ChatResponse(new ChatMessage(ChatRole.Assistant, text)));
        return client;
    }
}
