using System.Text.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Tests.OpenTelemetry;

/// <summary>Spans in the shape in which each framework sends them.</summary>
public sealed class OtlpDialectTests
{
    private const string Weather = """{"city":"Delft"}""";

    /// <summary>The span's name and library, its attributes, and what it becomes: tool, arguments, result, and attributes beside the original ones.</summary>
    public static TheoryData<string, string, string, string, string?, string?, string> Spans => new()
    {
        // Vercel AI SDK
        {
            "ai.toolCall", "ai", """{"operation.name":"ai.toolCall desk","ai.operationId":"ai.toolCall","ai.toolCall.name":"getOrder","ai.toolCall.id":"call_1","ai.toolCall.args":"{\"id\":\"A\"}","ai.toolCall.result":"{\"state\":\"packed\"}"}""",
            "tool.call/getOrder", """{"id":"A"}""", """{"state":"packed"}""", """{"gen_ai.tool.call.id":"call_1"}"""
        },
        {
            "ai.generateText.doGenerate", "ai",
            """{"ai.operationId":"ai.generateText.doGenerate","ai.model.id":"gpt-x","gen_ai.request.model":"gpt-x","gen_ai.system":"openai","ai.prompt.messages":"[{\"role\":\"user\"}]","ai.prompt.tools":["{\"name\":\"a\"}","{\"name\":\"b\"}"],"ai.response.finishReason":"tool-calls","ai.response.toolCalls":"[{\"toolName\":\"a\"}]","ai.response.text":"","ai.usage.inputTokens":31,"ai.usage.outputTokens":22}""",
            "llm.call/gpt-x", """{"ai.prompt.messages":[{"role":"user"}],"ai.prompt.tools":[{"name":"a"},{"name":"b"}]}""",
            """{"ai.response.text":"","ai.response.toolCalls":[{"toolName":"a"}]}""",
            """{"gen_ai.response.finish_reasons":["tool-calls"],"gen_ai.usage.input_tokens":31,"gen_ai.usage.output_tokens":22}"""
        },
        {
            "ai.streamText", "ai", """{"ai.operationId":"ai.streamText","ai.telemetry.functionId":"desk","ai.model.id":"gpt-x","ai.prompt":"{\"prompt\":\"hi\"}","ai.response.text":"yo","ai.response.finishReason":"stop","ai.usage.promptTokens":5,"ai.usage.completionTokens":2}""",
            "agent.run/desk", """{"prompt":"hi"}""", "yo", """{"gen_ai.agent.name":"desk","gen_ai.usage.input_tokens":5,"gen_ai.usage.output_tokens":2,"gen_ai.response.finish_reasons":["stop"]}"""
        },
        { "ai.generateObject", "ai", """{"ai.operationId":"ai.generateObject","ai.schema":"{\"type\":\"object\"}","ai.response.object":"{\"a\":1}"}""", "agent.run/ai.generateObject", """{"type":"object"}""", """{"a":1}""", "{}" },
        { "ai.embed.doEmbed", "ai", """{"ai.operationId":"ai.embed.doEmbed","ai.model.id":"e","ai.values":["\"sunny\""],"ai.usage.tokens":4}""", "llm.call/e", "[\"\\\"sunny\\\"\"]", null, """{"gen_ai.request.model":"e","gen_ai.usage.input_tokens":4}""" },

        // OpenLLMetry (Traceloop)
        {
            "book.tool", "@traceloop/node-server-sdk", """{"traceloop.span.kind":"tool","traceloop.entity.name":"book","traceloop.workflow.name":"w","gen_ai.agent.name":"desk","traceloop.entity.input":"{\"args\":[1]}","traceloop.entity.output":"\"done\""}""",
            "tool.call/book", """{"args":[1]}""", "\"done\"", "{}"
        },
        { "brief.workflow", "traceloop", """{"traceloop.span.kind":"workflow","traceloop.entity.name":"brief","traceloop.entity.output":"\"x\""}""", "agent.run/brief", null, "\"x\"", "{}" },
        { "desk.agent", "traceloop", """{"traceloop.span.kind":"agent","traceloop.entity.name":"desk"}""", "agent.run/desk", null, null, """{"gen_ai.agent.name":"desk"}""" },
        { "step.task", "traceloop", """{"traceloop.span.kind":"task","traceloop.entity.name":"step","traceloop.entity.input":"{}"}""", "svc/step.task", "{}", null, "{}" },
        {
            "openai.chat", "opentelemetry.instrumentation.openai", """{"llm.request.type":"chat","gen_ai.system":"OpenAI","gen_ai.request.model":"gpt-x","gen_ai.prompt.0.content":"hi","gen_ai.prompt.1.content":"hi","llm.request.functions.0.name":"book","gen_ai.completion.0.finish_reason":"length","gen_ai.completion.0.content":"hi","gen_ai.usage.prompt_tokens":100,"gen_ai.usage.completion_tokens":10}""",
            "llm.call/gpt-x", """{"gen_ai.prompt.0.content":"hi","gen_ai.prompt.1.content":"hi","llm.request.functions.0.name":"book"}""",
            """{"gen_ai.completion.0.content":"hi","gen_ai.completion.0.finish_reason":"length"}""",
            """{"gen_ai.usage.input_tokens":100,"gen_ai.usage.output_tokens":10,"gen_ai.response.finish_reasons":["length"]}"""
        },
        { "tools/list.mcp", "@traceloop/instrumentation-mcp", """{"traceloop.entity.output":"{\"tools\":[]}"}""", "svc/tools/list.mcp", null, """{"tools":[]}""", "{}" },

        // Mastra, with its two exporters
        {
            "tool.execute findTenant", "@mastra/otel", """{"gen_ai.operation.name":"tool.execute","mastra.span.type":"tool_call","input":"{\"name\":\"Okafor\"}","gen_ai.tool.input":"{\"name\":\"Okafor\"}","output":"{\"id\":5}","gen_ai.tool.output":"{\"id\":5}","gen_ai.tool.name":"findTenant"}""",
            "tool.call/findTenant", """{"name":"Okafor"}""", """{"id":5}""", "{}"
        },
        {
            "step: 0", "@mastra/otel", """{"gen_ai.operation.name":"model.step","mastra.span.type":"model_step","input":"{\"body\":{}}","output":"{\"text\":\"\"}","modelId":"gpt-x-2026","modelMetadata":"{\"modelId\":\"gpt-x\"}"}""",
            "llm.call/gpt-x", """{"body":{}}""", """{"text":""}""", """{"gen_ai.request.model":"gpt-x","gen_ai.response.model":"gpt-x-2026"}"""
        },
        {
            "chat gpt-x", "@mastra/otel", """{"gen_ai.operation.name":"chat","mastra.span.type":"model_generation","gen_ai.request.model":"gpt-x","gen_ai.response.finish_reasons":"stop","input":"[1]","output":"{}","gen_ai.usage.input_tokens":3}""",
            "llm.call/gpt-x", "[1]", "{}", """{"gen_ai.response.finish_reasons":["stop"]}"""
        },
        { "agent.tenancy", "@mastra/otel", """{"gen_ai.operation.name":"agent.run","mastra.span.type":"agent_run","agent.id":"tenancy","input":"hi","output":"yo"}""", "agent.run/tenancy", "hi", "yo", """{"gen_ai.agent.name":"tenancy"}""" },
        { "chunk: 'text'", "@mastra/otel", """{"openinference.span.kind":"LLM","mastra.span.type":"model_chunk","mastra.model_chunk.output":"x"}""", "svc/chunk: 'text'", null, "x", "{}" },

        // OpenInference: LangGraph, the OpenAI agents, and the rest
        {
            "freight", "@arizeai/openinference-instrumentation-langchain", """{"openinference.span.kind":"CHAIN","metadata":"{\"ls_integration\":\"langchain_create_agent\",\"lc_agent_name\":\"freight_agent\"}","input.value":"in","output.value":"out"}""",
            "agent.run/freight_agent", "in", "out", """{"gen_ai.agent.name":"freight_agent"}"""
        },
        { "tools", "@arizeai/openinference-instrumentation-langchain", """{"openinference.span.kind":"CHAIN","metadata":"{\"lc_agent_name\":\"freight_agent\",\"langgraph_node\":\"tools\"}"}""", "svc/tools", null, null, """{"gen_ai.agent.name":"freight_agent"}""" },
        { "turn", "openai-agents-bridge", """{"openinference.span.kind":"CHAIN"}""", "svc/turn", null, null, "{}" },
        { "handoff to Claims agent", "openai-agents-bridge", """{"openinference.span.kind":"TOOL"}""", "tool.call/handoff to Claims agent", null, null, "{}" },
        { "pii_check", "openai-agents-bridge", """{"openinference.span.kind":"GUARDRAIL"}""", "guardrail/pii_check", null, null, "{}" },
        { "VectorStore", "llama", """{"openinference.span.kind":"RETRIEVER","input.value":"q","retrieval.documents.0.document.content":"d"}""", "tool.call/VectorStore", "q", "d", "{}" },
        {
            "ChatOpenAI", "oi", """{"openinference.span.kind":"LLM","llm.model_name":"gpt-x","llm.tools.0.tool.json_schema":"{\"name\":\"a\"}","input.value":"{}","llm.finish_reason":"content_filter","llm.token_count.prompt":7}""",
            "llm.call/gpt-x", """{"input.value":{},"llm.tools.0.tool.json_schema":{"name":"a"}}""", null, """{"gen_ai.response.finish_reasons":["content_filter"],"gen_ai.usage.input_tokens":7}"""
        },

        // Langfuse SDK
        { "lookup", "langfuse-sdk", """{"langfuse.observation.type":"tool","langfuse.observation.input":"{\"q\":1}","langfuse.observation.output":"[]","langfuse.observation.level":"ERROR","langfuse.observation.status_message":"no such index"}""", "tool.call/lookup", """{"q":1}""", "[]", """{"status":"error","error.message":"no such index"}""" },
        { "answer", "langfuse-sdk", """{"langfuse.observation.type":"generation","langfuse.observation.model.name":"gpt-x","langfuse.observation.input":"hi","langfuse.observation.usage_details":"{\"input\":12,\"output\":3,\"total\":15}"}""", "llm.call/gpt-x", "hi", null, """{"gen_ai.request.model":"gpt-x","gen_ai.usage.input_tokens":12,"gen_ai.usage.output_tokens":3}""" },
        { "planner", "langfuse-sdk", """{"langfuse.observation.type":"agent"}""", "agent.run/planner", null, null, """{"gen_ai.agent.name":"planner"}""" },
        { "moderation", "langfuse-sdk", """{"langfuse.observation.type":"guardrail"}""", "guardrail/moderation", null, null, "{}" },

        // MLflow, whose attributes are JSON
        { "lookup", "mlflow", """{"mlflow.spanType":"\"TOOL\"","mlflow.spanInputs":"{\"q\":1}","mlflow.spanOutputs":"[2]"}""", "tool.call/lookup", """{"q":1}""", "[2]", "{}" },
        { "Completions", "mlflow", """{"mlflow.spanType":"CHAT_MODEL","mlflow.llm.model":"\"gpt-x\"","mlflow.chat.tools":"[1]","mlflow.spanInputs":{"messages":["hi"]},"mlflow.chat.tokenUsage":"{\"input_tokens\":4,\"output_tokens\":1}"}""", "llm.call/gpt-x", """{"mlflow.chat.tools":[1],"mlflow.spanInputs":{"messages":["hi"]}}""", null, """{"gen_ai.request.model":"gpt-x","gen_ai.usage.input_tokens":4,"gen_ai.usage.output_tokens":1}""" },
        { "run", "mlflow", """{"mlflow.spanType":"\"AGENT\""}""", "agent.run/run", null, null, """{"gen_ai.agent.name":"run"}""" },

        // pydantic-ai
        { "running tool", "pydantic-ai", """{"gen_ai.tool.name":"weather","gen_ai.tool.call.id":"c1","tool_arguments":"{\"city\":\"Delft\"}","tool_response":"rain"}""", "tool.call/weather", Weather, "rain", "{}" },
        { "agent run", "pydantic-ai", """{"agent_name":"desk","model_name":"gpt-x","all_messages_events":"[1]","final_result":"yo","gen_ai.usage.input_tokens":9}""", "agent.run/desk", "[1]", "yo", """{"gen_ai.agent.name":"desk"}""" },
        { "chat gpt-x", "pydantic-ai", """{"gen_ai.operation.name":"chat","gen_ai.request.model":"gpt-x","events":"[{\"role\":\"user\"}]","model_request_parameters":"{\"function_tools\":[]}"}""", "llm.call/gpt-x", """{"events":[{"role":"user"}],"model_request_parameters":{"function_tools":[]}}""", null, "{}" },

        // Google ADK
        { "execute_tool weather", "gcp.vertex.agent", """{"gen_ai.operation.name":"execute_tool","gen_ai.tool.name":"weather","gcp.vertex.agent.tool_call_args":"{\"city\":\"Delft\"}","gcp.vertex.agent.tool_response":"{\"r\":1}","gcp.vertex.agent.llm_request":"{}","gcp.vertex.agent.llm_response":"{}"}""", "tool.call/weather", Weather, """{"r":1}""", "{}" },
        { "call_llm", "gcp.vertex.agent", """{"gen_ai.system":"gcp.vertex.agent","gen_ai.request.model":"gemini","gcp.vertex.agent.llm_request":"{\"a\":1}","gcp.vertex.agent.llm_response":"{\"b\":2}"}""", "llm.call/gemini", """{"a":1}""", """{"b":2}""", "{}" },
        { "agent_run [root_agent]", "gcp.vertex.agent", "{}", "agent.run/root_agent", null, null, "{}" },

        // LiveKit
        { "function_tool", "livekit-agents", """{"lk.function_tool.name":"order","lk.function_tool.id":"c1","lk.function_tool.arguments":"{}","lk.pii.function_tool.output":"404","lk.function_tool.is_error":true}""", "tool.call/order", "{}", "404", """{"gen_ai.tool.call.id":"c1","status":"error"}""" },
        { "llm_request", "livekit-agents", """{"gen_ai.request.model":"gpt-x","lk.chat_ctx":"{}","lk.response.text":"yo"}""", "llm.call/gpt-x", "{}", "yo", "{}" },

        // MCP, and Microsoft's frameworks
        { "tools/call weather", "Experimental.ModelContextProtocol", """{"mcp.method.name":"tools/call","jsonrpc.request.id":"6"}""", "tool.call/weather", null, null, "{}" },
        { "tools/list", "Experimental.ModelContextProtocol", """{"mcp.method.name":"tools/list"}""", "svc/tools/list", null, null, "{}" },
        { "invoke_workflow newsletter", "Microsoft.Agents.AI.Workflows", """{"gen_ai.operation.name":"invoke_workflow","gen_ai.workflow.name":"newsletter"}""", "agent.run/newsletter", null, null, "{}" },
        { "executor.process publish", "Microsoft.Agents.AI.Workflows", """{"executor.id":"publish","executor.input":"hi","executor.output":"HI"}""", "agent.run/publish", "hi", "HI", "{}" },
        { "message.send", "Microsoft.Agents.AI.Workflows", """{"message.source_id":"publish","message.content":"hi"}""", "svc/message.send", "hi", null, "{}" },
        { "executor.process w", "Microsoft.Agents.AI.Workflows", """{"executor.id":"writer_de6892eaf4f8417885c658a9d3a74529"}""", "agent.run/writer", null, null, "{}" },
        { "orchestrate_tools", "Experimental.Microsoft.Extensions.AI", """{"gen_ai.operation.name":"orchestrate_tools"}""", "agent.run/orchestrate_tools", null, null, "{}" },
        { "chat gpt-x", "Microsoft.SemanticKernel.Diagnostics", """{"gen_ai.operation.name":"chat","gen_ai.request.model":"gpt-x","gen_ai.response.finish_reason":"[\"ToolCalls\"]"}""", "llm.call/gpt-x", null, null, """{"gen_ai.response.finish_reasons":["ToolCalls"]}""" },
        { "chat gpt-x", "Experimental.Microsoft.Agents.AI", """{"gen_ai.operation.name":"chat","gen_ai.request.model":"gpt-x","gen_ai.response.finish_reasons":"[\"stop\"]"}""", "llm.call/gpt-x", null, null, """{"gen_ai.response.finish_reasons":["stop"]}""" },

        // The conventions
        { "retrieval docs", "x", """{"gen_ai.operation.name":"retrieval","gen_ai.data_source.id":"docs","gen_ai.retrieval.query.text":"q"}""", "tool.call/docs", "q", null, "{}" },
        { "x", "x", """{"gen_ai.operation.name":"not.known","gen_ai.tool.name":"t"}""", "tool.call/t", null, null, "{}" },
        { "create_agent a", "x", """{"gen_ai.operation.name":"create_agent","gen_ai.request.model":"m","gen_ai.provider.name":"p"}""", "svc/create_agent a", null, null, "{}" },
    };

    [Theory]
    [MemberData(nameof(Spans))]
    public async Task A_span_of_a_framework_becomes_what_it_records(
        string name, string scope, string attributes, string tool, string? arguments, string? result, string beside)
    {
        var (span, storedArguments, storedResult) = await new OtlpRecord(name, attributes) { Scope = scope }.TakeAsync();

        Assert.Equal((tool, arguments, result), (span.Tool, storedArguments, storedResult));
        foreach (var expected in JsonElement.Parse(beside).EnumerateObject())
        {
            Assert.True(span.Attributes.TryGetProperty(expected.Name, out var value), $"{expected.Name} is not there");
            Assert.Equal(expected.Value.GetRawText(), value.GetRawText());
        }

        Assert.Equal(span.Attributes.EnumerateObject().Count(), span.Attributes.EnumerateObject().DistinctBy(member => member.Name).Count());
    }

    [Theory]
    [InlineData("openai-agents-bridge", "Agent workflow", "", "agent.run/Agent workflow")]
    [InlineData("openai-agents-bridge", "Agent workflow", "cd00000000000001", "agent.run/Agent workflow")]
    [InlineData("openinference.instrumentation.openai_agents", "Refunds", "", "agent.run/Refunds")]
    [InlineData("openai-agents-bridge", "Refunds", "cd00000000000001", "svc/Refunds")]
    [InlineData("openinference.instrumentation.langchain", "LangGraph", "cd00000000000001", "agent.run/LangGraph")]
    [InlineData("openinference.instrumentation.langchain", "RunnableSequence", "", "agent.run/RunnableSequence")]
    [InlineData("openinference.instrumentation.langchain", "RunnableSequence", "cd00000000000001", "svc/RunnableSequence")]
    public async Task The_outermost_chain_is_the_run(string scope, string name, string parent, string tool)
    {
        var root = new OtlpRecord(name, """{"openinference.span.kind":"CHAIN"}""") { Scope = scope, Parent = parent };

        Assert.Equal(tool, (await root.TakeAsync()).Span.Tool);
    }

    [Fact]
    public async Task A_name_that_is_there_without_a_value_is_written_once()
    {
        var (span, _, _) = await new OtlpRecord(
            "chat m", """{"gen_ai.operation.name":"chat","llm.model_name":"m","gen_ai.request.model":null,"gen_ai.response.finish_reasons":""}""").TakeAsync();

        Assert.Single(span.Attributes.EnumerateObject(), member => member.Name == "gen_ai.request.model");
        Assert.Equal(0, span.Attributes.GetProperty("gen_ai.response.finish_reasons").GetArrayLength());
    }

    [Theory]
    [InlineData("input")]
    [InlineData("output")]
    [InlineData("events")]
    [InlineData("tool_arguments")]
    [InlineData("request_data")]
    public async Task A_name_that_anything_may_have_is_content_in_its_dialect_only(string name)
    {
        var (span, arguments, result) = await new OtlpRecord("chat m", $$"""{"gen_ai.operation.name":"chat","{{name}}":"mine"}""").TakeAsync();

        Assert.Equal((null, null), (arguments, result));
        Assert.Contains("mine", span.Attributes.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("llm.invocation_parameters", true)]
    [InlineData("gen_ai.custom.response", false)]
    public async Task What_is_long_is_no_attribute_of_a_step_of_an_agent(string name, bool isArgument)
    {
        var text = new string('x', 70_000);
        var (span, arguments, result) = await new OtlpRecord("chat m", $$"""{"gen_ai.operation.name":"chat","{{name}}":"{{text}}"}""").TakeAsync();

        Assert.Equal((isArgument ? text : null, isArgument ? null : text), (arguments, result));
        Assert.DoesNotContain(text, span.Attributes.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_span_of_a_service_keeps_all_that_it_says()
    {
        var (span, arguments, result) = await new OtlpRecord("GET /", """{"input":"a","output":"b","events":"c","http.route":"/"}""").TakeAsync();

        Assert.Equal(("svc/GET /", null, null), (span.Tool, arguments, result));
        Assert.Equal("a", span.Attributes.GetProperty("input").GetString());
    }

    [Fact]
    public async Task Two_long_names_that_differ_at_the_end_stay_two()
    {
        var start = new string('n', 300);
        List<Span> spans = [];
        foreach (var end in (string[])["a", "b", "a"])
        {
            spans.Add((await new OtlpRecord("x", $$"""{"gen_ai.operation.name":"execute_tool","gen_ai.tool.name":"{{start}}{{end}}"}""").TakeAsync()).Span);
        }

        Assert.Equal(2, spans.Select(span => span.Tool).Distinct().Count());
        Assert.All(spans, span => Assert.Equal(256, span.Tool.Length));
        Assert.Equal("tool.call/" + new string('n', 246), (await new OtlpRecord(
            "x", $$"""{"gen_ai.operation.name":"execute_tool","gen_ai.tool.name":"{{start[..246]}}"}""").TakeAsync()).Span.Tool);
    }
}
