using AgentOps.Rca.Spans;

namespace AgentOps.Rca.OpenTelemetry;

/// <summary>
/// What an OpenTelemetry span is called here, by the semantic conventions for generative AI: <c>execute_tool</c> is a call of a tool, chat
/// and completions are calls of a model, <c>invoke_agent</c> is a run of an agent. What frameworks say in words of their own means the
/// same (<see cref="OtlpDialects"/>).
/// </summary>
internal static class OtlpTools
{
    // What is put before the name of what a span is about.
    private static readonly string[] ToolVerbs = ["execute_tool ", "tools/call ", "tool.execute ", "retrieval "];
    private static readonly string[] ModelVerbs = ["chat ", "embeddings ", "text_completion ", "generate_content ", "chat.completions ", "chat.streaming_completions ", "text.completions ", "text.streaming_completions "];
    private static readonly string[] AgentVerbs = ["invoke_agent ", "invoke_workflow "];

    public static string NameOf(OtlpStep step, string? service, string spanName)
    {
        var prefix = step.Kind switch
        {
            OtlpSpanKind.Tool => ToolNames.ToolCallPrefix,
            OtlpSpanKind.Model => ToolNames.ModelCallPrefix,
            OtlpSpanKind.Agent => ToolNames.AgentRunPrefix,
            OtlpSpanKind.Guardrail => ToolNames.GuardrailPrefix,
            _ => null,
        };
        var name = prefix is not null ? prefix + BareName(step, spanName) : service is null ? spanName : $"{service}/{spanName}";
        if (name.Length == 0)
        {
            name = "unnamed";
        }

        // What this library writes itself cannot come from outside.
        return OtlpText.Cut(ToolNames.FromElsewhere(name), OtlpLimits.ToolLength);
    }

    /// <summary>Whether the span is a step of an agent, and not of a service.</summary>
    public static OtlpStep StepOf(OtlpSpan record)
    {
        var attributes = record.Attributes;
        if (!attributes.MayNameAgent)
        {
            return OtlpDialects.OfName(record);
        }

        // Mastra's exporters say several things of one span; its own word is the exact one.
        if (OtlpDialects.OfMastra(record) is { } mastra)
        {
            return mastra;
        }

        var operation = attributes.Text("gen_ai.operation.name");
        return OfOperation(operation, attributes)
            ?? OtlpDialects.Of(record)
            ?? (attributes.Text("gen_ai.tool.name") is { } tool ? new OtlpStep(OtlpSpanKind.Tool, tool) : default(OtlpStep?))

            // Before operations had names, a model call was known by its model and its system.
            ?? (attributes.Text("llm.request.type") is not null
                || (operation is null && attributes.Text("gen_ai.request.model") is not null
                    && (attributes.Text("gen_ai.system") ?? attributes.Text("gen_ai.provider.name")) is not null)
                ? ModelOf(attributes) : default);
    }

    public static OtlpStep ModelOf(OtlpAttributes attributes) => new(
        OtlpSpanKind.Model,
        attributes.Text("gen_ai.request.model") ?? attributes.Text("gen_ai.response.model") ?? attributes.Text("llm.model_name")
            ?? attributes.Text("embedding.model_name") ?? attributes.Text("llm.request.model") ?? attributes.Text("ai.model.id")
            ?? attributes.Text("langfuse.observation.model.name") ?? OtlpJsonText.Unquoted(attributes.Text("mlflow.llm.model")));

    /// <summary>The name of the tool that a span calls, by any of its attributes.</summary>
    public static string? ToolOf(OtlpAttributes attributes) =>
        attributes.Text("gen_ai.tool.name") ?? attributes.Text("tool.name") ?? attributes.Text("ai.toolCall.name")
            ?? attributes.Text("lk.function_tool.name") ?? attributes.Text("mcp.tool.name");

    /// <summary>The name of the agent that a span runs, by any of its attributes.</summary>
    public static string? AgentOf(OtlpAttributes attributes) =>
        attributes.Text("gen_ai.agent.name") ?? attributes.Text("agent.name") ?? attributes.Text("agent_name");

    /// <summary>The name without a prefix: the one that an attribute gives, or the span's without its verb.</summary>
    public static string BareName(OtlpStep step, string spanName)
    {
        if (step.Name is not null)
        {
            return step.Name;
        }

        string[] verbs = step.Kind switch
        {
            OtlpSpanKind.Tool => ToolVerbs,
            OtlpSpanKind.Model => ModelVerbs,
            OtlpSpanKind.Agent => AgentVerbs,
            _ => [],
        };
        var verb = Array.Find(verbs, verb => spanName.Length > verb.Length && spanName.StartsWith(verb, StringComparison.Ordinal));
        return verb is null ? spanName : spanName[verb.Length..];
    }

    // An operation that is not known says nothing; what else the span carries does.
    private static OtlpStep? OfOperation(string? operation, OtlpAttributes attributes) => operation switch
    {
        "execute_tool" => new(OtlpSpanKind.Tool, ToolOf(attributes)),
        "retrieval" => new(OtlpSpanKind.Tool, attributes.Text("gen_ai.tool.name") ?? attributes.Text("gen_ai.data_source.id")),
        "chat" or "text_completion" or "generate_content" or "embeddings" or "completion" or "generate" => ModelOf(attributes),

        // Semantic Kernel before 1.38.
        "chat.completions" or "chat.streaming_completions" or "text.completions" or "text.streaming_completions" => ModelOf(attributes),
        "invoke_agent" => new(OtlpSpanKind.Agent, AgentOf(attributes), IsAgent: true),
        "orchestrate_tools" => new(OtlpSpanKind.Agent, AgentOf(attributes)),
        "invoke_workflow" => new(OtlpSpanKind.Agent, attributes.Text("gen_ai.workflow.name")),
        "create_agent" => default(OtlpStep),
        _ => null,
    };
}
