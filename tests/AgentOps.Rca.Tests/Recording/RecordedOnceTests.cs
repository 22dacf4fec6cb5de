using System.Diagnostics;
using AgentOps.Rca.Recording;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tests.Recording;

/// <summary>F4: a call that two or three ways see is one span.</summary>
public sealed class RecordedOnceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Whatever stands around the client, and with or without activities, the agent's run has one span for each thing it did.
    [Theory]
    [InlineData("")]
    [InlineData("outside")]
    [InlineData("between")]
    [InlineData("below")]
    [InlineData("outside between")]
    [InlineData("outside between below")]
    public async Task A_run_has_one_span_for_each_call_however_many_ways_see_it(string telemetry)
    {
        var name = $"once.{telemetry.Replace(' ', '.')}.{Guid.NewGuid():N}";
        using var source = new ActivitySource(name);
        await using var services = Services(name);
        var recorder = services.GetRequiredService<ActivityRecorder>();
        await recorder.StartAsync(Token);
        var builder = new ChatClientBuilder(new ToolUser());
        if (telemetry.Contains("outside", StringComparison.Ordinal))
        {
            builder.UseOpenTelemetry(sourceName: name);
        }

        builder.UseFunctionInvocation();
        if (telemetry.Contains("between", StringComparison.Ordinal))
        {
            builder.UseOpenTelemetry(sourceName: name);
        }

        builder.UseAgentOpsRca();
        if (telemetry.Contains("below", StringComparison.Ordinal))
        {
            builder.UseOpenTelemetry(sourceName: name);
        }

        using var client = builder.Build(services);
        var quote = AIFunctionFactory.Create(
            () =>
            {
                using var lookup = source.StartActivity("lookup");
                return 7;
            },
            "quote").UseAgentOpsRca(services);
        string run;
        using (var activity = source.StartActivity("invoke_agent shipping")!)
        {
            activity.SetTag("gen_ai.operation.name", "invoke_agent").SetTag("gen_ai.agent.name", "shipping").SetTag("agentops.incident.id", "i");
            run = CallPlace.IdOf(activity);
            await client.GetResponseAsync("ship it", new ChatOptions { Tools = [quote] }, Token);
        }

        await recorder.StopAsync(Token);

        var spans = await services.GetRequiredService<ISpanStore>().ListAsync(new SpanQuery(), Token).ToListAsync(Token);
        var tools = spans.Where(span => !span.Tool.Contains("orchestrate", StringComparison.Ordinal)).Select(span => span.Tool);
        Assert.Equal(
            ["agent.run/shipping", "llm.call/m", "llm.call/m", "tool.call/quote"],
            tools.Where(tool => !tool.Contains("lookup", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        var ids = spans.Select(span => span.SpanId).ToHashSet(StringComparer.Ordinal);
        Assert.All(spans, span => Assert.True(span.SpanId == run ? span.ParentId is null : ids.Contains(span.ParentId!), $"{span.Tool} hangs in the air"));

        // What invokes functions says the sum of the calls below it once more, which counts once.
        var nodes = SpanForest.Build(spans).Nodes;
        var own = OwnUse.Of(nodes, node => node.Limits?.TokensUsed is not null);
        Assert.Equal(20, nodes.Where(node => own[node.Index]).Sum(node => Tokens(spans.Single(span => span.SpanId == node.SpanId))));
        Assert.All(spans.Where(span => span.Tool.StartsWith("llm", StringComparison.Ordinal)), span => Assert.NotNull(span.ArgsDigest));
    }

    [Fact]
    public async Task What_a_function_does_by_itself_does_not_cover_the_activity_of_the_model_that_called_it()
    {
        var name = $"once.nested.{Guid.NewGuid():N}";
        await using var services = Services(name);
        var recorder = services.GetRequiredService<ActivityRecorder>();
        await recorder.StartAsync(Token);
        using var inner = new ChatClientBuilder(new Echo()).UseAgentOpsRca().Build(services);
        var ask = AIFunctionFactory.Create(async () => (await inner.GetResponseAsync("x")).Text, "quote");
        using var outer = new ChatClientBuilder(new ToolUser()).UseOpenTelemetry(sourceName: name).UseFunctionInvocation().Build(services);

        await outer.GetResponseAsync("ship it", new ChatOptions { Tools = [ask] }, Token);
        await recorder.StopAsync(Token);

        var spans = await services.GetRequiredService<ISpanStore>().ListAsync(new SpanQuery(), Token).ToListAsync(Token);
        Assert.Equal(2, spans.Count(span => span.Tool.StartsWith("llm.call/", StringComparison.Ordinal)));
    }

    private static int Tokens(Span span) => span.Attributes.TryGetProperty("gen_ai.usage.input_tokens", out var tokens) ? tokens.GetInt32() : 0;

    private static ServiceProvider Services(string source)
    {
        var services = new ServiceCollection();
        services.AddAgentOpsRca().UseInMemory().RecordActivities(source);
        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });
    }

    private sealed class ToolUser : TestClient
    {
        protected override ChatResponse Answer(IEnumerable<ChatMessage> messages) => new(
            messages.Any(message => message.Role == ChatRole.Tool)
                ? new ChatMessage(ChatRole.Assistant, "shipped")
                : new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("c1", "quote")]));
    }

    private sealed class Echo : TestClient
    {
        protected override ChatResponse Answer(IEnumerable<ChatMessage> messages) => new(new ChatMessage(ChatRole.Assistant, "x"));
    }

    private abstract class TestClient : IChatClient
    {
        private static readonly ChatClientMetadata Metadata = new("test", null, "m");

        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            var answer = Answer(messages);
            answer.ModelId = "m";
            answer.Usage = new UsageDetails { InputTokenCount = 10, OutputTokenCount = 1 };
            return Task.FromResult(answer);
        }

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) =>
            serviceType == typeof(ChatClientMetadata) ? Metadata : serviceType.IsInstanceOfType(this) ? this : null;

        public void Dispose()
        {
        }

        protected abstract ChatResponse Answer(IEnumerable<ChatMessage> messages);
    }
}
