using AgentOps.Rca.Detection;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Tests.Detection;

/// <summary>Which spans are runs of agents, by what frameworks say of them.</summary>
public sealed class EndedRunTests
{
    private const string Nothing = "{}";

    [Theory]
    [InlineData("desk/ai.generateText", """{"ai.operationId":"ai.generateText"}""")]
    [InlineData("agent.run/ai.streamText", """{"ai.operationId":"ai.streamText"}""")]
    [InlineData("desk/freight_agent", """{"openinference.span.kind":"CHAIN"}""")]
    [InlineData("desk/ops_agent", """{"otel.status_code":"ERROR","otel.scope.name":"@arizeai/openinference-instrumentation-langchain"}""")]
    [InlineData("agent.run/leaflet_agent", """{"openinference.span.kind":"AGENT"}""")]
    [InlineData("desk/refund.workflow", """{"traceloop.span.kind":"workflow"}""")]
    [InlineData("agent.run/refund", """{"traceloop.span.kind":"agent"}""")]
    [InlineData("desk/agent.tenancy", """{"mastra.span.type":"agent_run"}""")]
    [InlineData("desk/workflow", """{"mastra.span.type":"workflow_run"}""")]
    [InlineData("desk/invoke_workflow news", """{"gen_ai.operation.name":"invoke_workflow"}""")]
    [InlineData("desk/orchestrate_tools", Nothing)]
    [InlineData("desk/mcp.client.session", Nothing)]
    [InlineData("agent.run/anything", Nothing)]
    [InlineData("desk/ship order", Nothing)]
    public void The_outermost_span_of_a_known_framework_is_the_run(string tool, string attributes)
    {
        Span[] trace =
        [
            Span("t:web", null, "desk/POST /chat", """{"otel.kind":"server"}"""), Span("t:root", "t:web", tool, attributes),
            Span("t:inner", "t:root", tool, attributes), Span("t:model", "t:inner", "llm.call/m"), Span("t:tool", "t:inner", "tool.call/t"),
        ];

        var run = Assert.Single(EndedRun.In(trace, new RunKinds(["ship *"])));

        // A session of MCP stands beside the model calls, so its run is the request.
        var root = tool.EndsWith("session", StringComparison.Ordinal) ? "t:web" : "t:root";
        Assert.Equal(root, run.Root.SpanId);
        Assert.Equal(trace.Select(span => span.SpanId).Order(), run.Spans.Concat(run.Request).Select(span => span.SpanId).Order());
        Assert.Equal(root == "t:web" ? [] : ["t:web"], run.Callers.Select(span => span.SpanId));
    }

    [Theory]
    [InlineData("""{"openinference.span.kind":"CHAIN"}""")]
    [InlineData("""{"executor.id":"writer"}""")]
    [InlineData("""{"ai.operationId":"ai.generateObject"}""")]
    public void A_step_is_no_run_while_the_span_above_it_is_on_its_way(string attributes)
    {
        Span[] early = [Span("t:node", "t:root", "desk/tools", attributes), Span("t:tool", "t:node", "tool.call/t")];

        Assert.Empty(EndedRun.In(early));
        Assert.Equal("t:root", Assert.Single(EndedRun.In([.. early, Span("t:root", null, "desk/agent", attributes)])).Root.SpanId);
    }

    [Theory]
    [InlineData("tool.call/t", "llm.call/m", true)]
    [InlineData("agent.run/b", "agent.run/c", true)]
    [InlineData("llm.call/m", "llm.call/m", false)]
    public void A_span_around_a_whole_agent_is_its_run_though_the_span_above_it_never_comes(string one, string other, bool isRun)
    {
        Span[] trace = [Span("t:flow", "t:lost", "desk/Agent workflow", """{"openinference.span.kind":"CHAIN"}"""), Span("t:1", "t:flow", one), Span("t:2", "t:flow", other)];

        Assert.Equal(isRun ? ["t:flow"] : [], EndedRun.In(trace).Select(run => run.Root.SpanId));
    }

    [Theory]
    [InlineData("llm.call/m", "tool.call/t", true)]
    [InlineData("llm.call/m", "llm.call/m", false)]
    [InlineData("tool.call/t", "tool.call/t", false)]
    [InlineData("desk/a", "desk/b", false)]
    public void A_request_that_calls_a_model_and_tools_is_a_run_without_a_framework(string one, string other, bool isRun)
    {
        Span[] trace =
        [
            Span("t:gate", null, "gate/GET", """{"service.name":"gate"}"""),
            Span("t:web", "t:gate", "desk/POST", """{"otel.kind":"server","service.name":"desk"}"""),
            Span("t:1", "t:web", one, """{"resource":{"service.name":"desk"}}"""), Span("t:2", "t:web", other, """{"resource":{"service.name":"desk"}}"""),
        ];

        var runs = EndedRun.In(trace).ToList();

        Assert.Equal(isRun ? ["t:web"] : [], runs.Select(run => run.Root.SpanId));
    }

    [Fact]
    public void Calls_whose_caller_was_lost_belong_to_the_only_run_of_the_trace()
    {
        Span[] trace = [Span("t:run", null, "agent.run/a"), Span("t:lost", "t:gone", "tool.call/t"), Span("t:model", null, "llm.call/m"), Span("t:other", null, "job/tidy")];

        var run = Assert.Single(EndedRun.In(trace));

        Assert.Equal(["t:lost", "t:model", "t:run"], run.Spans.Select(span => span.SpanId).Order());
        Assert.Empty(run.Request);
        Assert.Equal(["t:run"], Assert.Single(EndedRun.In(trace, isOneTrace: false)).Spans.Select(span => span.SpanId));
        Assert.All(EndedRun.In([.. trace, Span("t:second", null, "agent.run/b")]), several => Assert.Single(several.Spans));
    }

    [Fact]
    public void Cycles_end()
    {
        Span[] trace = [Span("t:a", "t:b", "desk/x", """{"openinference.span.kind":"CHAIN"}"""), Span("t:b", "t:a", "agent.run/b"), Span("t:c", "t:a", "tool.call/c")];

        Assert.Contains(EndedRun.In(trace), run => run.Spans.Any(span => span.SpanId == "t:c"));
    }

    private static Span Span(string id, string? parent, string tool, string attributes = Nothing) => Samples.Span(id, tool: tool, attributes: attributes) with { ParentId = parent };
}
