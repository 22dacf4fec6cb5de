using AgentOps.Rca.Detection;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Recording;
using AgentOps.Rca.Spans;
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
