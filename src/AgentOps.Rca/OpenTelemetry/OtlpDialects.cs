using System.Text.RegularExpressions;

namespace AgentOps.Rca.OpenTelemetry;

/// <summary>What frameworks call their spans in words of their own, beside the semantic conventions.</summary>
internal static partial class OtlpDialects
{
    public const string MastraKind = "mastra.span.type";
    private const string OpenInferenceKind = "openinference.span.kind";
    private const string GoogleAdk = "gcp.vertex.agent";

    /// <summary>A span that no attribute says anything of, by its library and its name.</summary>
    public static OtlpStep OfName(OtlpSpan record) =>
        record.Source.ScopeName == GoogleAdk && record.Name.StartsWith("agent_run [", StringComparison.Ordinal) && record.Name.EndsWith(']')
            ? new(OtlpSpanKind.Agent, record.Name["agent_run [".Length..^1], IsAgent: true)
            : default;

    /// <summary>Mastra. A <c>model_generation</c> is a model call around its <c>model_step</c>s, which are model calls, too.</summary>
    public static OtlpStep? OfMastra(OtlpSpan record)
    {
        var attributes = record.Attributes;
        return attributes.Text(MastraKind)?.ToLowerInvariant() switch
        {
            null => null,
            "tool_call" or "mcp_tool_call" or "provider_tool_call" => new(
                OtlpSpanKind.Tool, OtlpTools.ToolOf(attributes) ?? Quoted(record.Name)),
            "model_generation" or "llm_generation" or "rag_embedding" => OtlpTools.ModelOf(attributes),
            "model_step" or "model_inference" => OtlpTools.ModelOf(attributes) is { Name: not null } model
                ? model
                : new(OtlpSpanKind.Model, OtlpJsonText.Member(attributes.Find("modelMetadata"), "modelId") ?? attributes.Text("modelId")),
            "agent_run" => new(
                OtlpSpanKind.Agent,
                OtlpTools.AgentOf(attributes) ?? attributes.Text("agent.id") ?? attributes.Text("gen_ai.agent.id") ?? Quoted(record.Name),
                IsAgent: true),
            "workflow_run" => new(
                OtlpSpanKind.Agent,
                attributes.Text("gen_ai.workflow.name") ?? attributes.Text("workflow.id") ?? attributes.Text("workflowId") ?? Quoted(record.Name)),
            _ => default(OtlpStep),
        };
    }

    /// <summary>The others; null when none of them says what the span is.</summary>
    public static OtlpStep? Of(OtlpSpan record) =>
        OfOpenInference(record) ?? OfVercel(record.Attributes) ?? OfTraceloop(record.Attributes) ?? OfLangfuse(record) ?? OfMlflow(record)
        ?? OfProtocol(record) ?? OfLiveKit(record) ?? OfName(record) switch
        {
            { Kind: OtlpSpanKind.Other } => OfPydantic(record),
            var step => step,
        };

    private static OtlpStep? OfOpenInference(OtlpSpan record)
    {
        var attributes = record.Attributes;
        return attributes.Text(OpenInferenceKind)?.ToUpperInvariant() switch
        {
            "TOOL" => new(OtlpSpanKind.Tool, OtlpTools.ToolOf(attributes)),
            "RETRIEVER" => new(OtlpSpanKind.Tool, attributes.Text("tool.name")),
            "LLM" or "EMBEDDING" => OtlpTools.ModelOf(attributes),
            "AGENT" => new(OtlpSpanKind.Agent, OtlpTools.AgentOf(attributes), IsAgent: true),
            "GUARDRAIL" => new(OtlpSpanKind.Guardrail, attributes.Text("guardrail.name")),
            "CHAIN" => OfChain(record),
            null => null,
            _ => default(OtlpStep),
        };
    }

    // A chain is a step of something, but the outermost one of LangGraph and of the OpenAI agents is the run.
    private static OtlpStep OfChain(OtlpSpan record)
    {
        var metadata = record.Attributes.Find("metadata");
        var agent = OtlpJsonText.Member(metadata, "lc_agent_name");
        if ((agent ?? OtlpJsonText.Member(metadata, "ls_integration")) is not null)
        {
            return OtlpJsonText.Member(metadata, "langgraph_node") is null
                ? new(OtlpSpanKind.Agent, agent ?? record.Name, IsAgent: agent is not null)
                : default;
        }

        // Where the run hangs below a request it is known by the name that it has unless somebody gave it another one.
        var scope = record.Source.ScopeName ?? "";
        var isRun = scope.Contains("langchain", StringComparison.Ordinal)
            ? (record.ParentSpanId is null || record.Name == "LangGraph") && OtlpJsonText.Member(metadata, "langgraph_node") is null
            : (scope.Contains("openai-agents", StringComparison.Ordinal) || scope.Contains("openai_agents", StringComparison.Ordinal))
                && (record.ParentSpanId is null || record.Name == "Agent workflow");
        return isRun ? new(OtlpSpanKind.Agent, record.Name) : default;
    }

    // The outer span of a generation is the run: it holds the calls of the model and of the tools, and their sum.
    private static OtlpStep? OfVercel(OtlpAttributes attributes) => attributes.Text("ai.operationId") switch
    {
        "ai.toolCall" => new(OtlpSpanKind.Tool, OtlpTools.ToolOf(attributes)),
        "ai.generateText.doGenerate" or "ai.streamText.doStream" or "ai.generateObject.doGenerate" or "ai.streamObject.doStream"
            or "ai.embed.doEmbed" or "ai.embedMany.doEmbed" => OtlpTools.ModelOf(attributes),
        ("ai.generateText" or "ai.streamText" or "ai.generateObject" or "ai.streamObject") and var operation =>
            attributes.Text("ai.telemetry.functionId") is { } function
                ? new(OtlpSpanKind.Agent, function, IsAgent: true)
                : new(OtlpSpanKind.Agent, operation),
        _ => null,
    };

    private static OtlpStep? OfTraceloop(OtlpAttributes attributes) => attributes.Text("traceloop.span.kind")?.ToLowerInvariant() switch
    {
        "tool" => new(OtlpSpanKind.Tool, attributes.Text("traceloop.entity.name")),
        "agent" => new(OtlpSpanKind.Agent, attributes.Text("traceloop.entity.name"), IsAgent: true),
        "workflow" => new(OtlpSpanKind.Agent, attributes.Text("traceloop.entity.name")),
        _ => null,
    };

    private static OtlpStep? OfLangfuse(OtlpSpan record) => record.Attributes.Text("langfuse.observation.type")?.ToLowerInvariant() switch
    {
        "tool" or "retriever" => new(OtlpSpanKind.Tool, record.Name),
        "generation" or "embedding" => OtlpTools.ModelOf(record.Attributes),
        "agent" => new(OtlpSpanKind.Agent, record.Name, IsAgent: true),
        "guardrail" => new(OtlpSpanKind.Guardrail, record.Name),
        _ => null,
    };

    // MLflow writes every attribute as JSON, so a text has quotes.
    private static OtlpStep? OfMlflow(OtlpSpan record) => OtlpJsonText.Unquoted(record.Attributes.Text("mlflow.spanType"))?.ToUpperInvariant() switch
    {
        "TOOL" or "RETRIEVER" => new(OtlpSpanKind.Tool, record.Name),
        "CHAT_MODEL" or "LLM" or "EMBEDDING" => OtlpTools.ModelOf(record.Attributes),
        "AGENT" => new(OtlpSpanKind.Agent, record.Name, IsAgent: true),
        "WORKFLOW" => new(OtlpSpanKind.Agent, record.Name),
        "GUARDRAIL" => new(OtlpSpanKind.Guardrail, record.Name),
        _ => null,
    };

    // The Model Context Protocol, on either side of it; and the executors of a workflow of Microsoft's agent framework.
    private static OtlpStep? OfProtocol(OtlpSpan record)
    {
        var attributes = record.Attributes;
        if (attributes.Text("mcp.method.name") == "tools/call")
        {
            return new OtlpStep(OtlpSpanKind.Tool, OtlpTools.ToolOf(attributes));
        }

        return attributes.Text("executor.id") is { } executor && record.Name.StartsWith("executor.process", StringComparison.Ordinal)
            ? new(OtlpSpanKind.Agent, IdOfInstance().Replace(executor, "")) : null;
    }

    private static OtlpStep? OfLiveKit(OtlpSpan record) =>
        record.Attributes.Text("lk.function_tool.name") is { } tool ? new(OtlpSpanKind.Tool, tool)
        : record.Name == "llm_request" && record.Attributes.Text("gen_ai.request.model") is not null ? OtlpTools.ModelOf(record.Attributes)
        : record.Name == "agent_session" ? new(OtlpSpanKind.Agent, record.Attributes.Text("lk.agent_name"))
        : null;

    // Before its runs had the operation invoke_agent, pydantic-ai named the agent and nothing else.
    private static OtlpStep? OfPydantic(OtlpSpan record) =>
        record.Source.ScopeName == "pydantic-ai" && record.Attributes.Text("gen_ai.tool.name") is null
        && record.Attributes.Text("gen_ai.operation.name") is null && OtlpTools.AgentOf(record.Attributes) is { } agent
            ? new(OtlpSpanKind.Agent, agent, IsAgent: true) : null;

    private static string? Quoted(string name)
    {
        var from = name.IndexOf('\'', StringComparison.Ordinal);
        var to = name.LastIndexOf('\'');
        return to > from + 1 ? name[(from + 1)..to] : null;
    }

    // An executor made of an agent carries the id of the agent's object, which no other run has.
    [GeneratedRegex("_[0-9a-f]{32}$")]
    private static partial Regex IdOfInstance();
}
