using System.Collections.Frozen;

namespace AgentOps.Rca.OpenTelemetry;

/// <summary>The attributes that hold what a call was given and what it gave back, in all dialects.</summary>
internal static class OtlpContentNames
{
    // A name of its own says enough; a name that anything may have counts only in a span of its dialect.
    private static readonly FrozenDictionary<string, OtlpContentName> Names = Make();

    private static readonly (string Prefix, OtlpContentSide Side)[] Prefixes =
    [
        ("llm.input_messages.", OtlpContentSide.Arguments), ("llm.output_messages.", OtlpContentSide.Result),
        ("gen_ai.prompt.", OtlpContentSide.Arguments), ("gen_ai.completion.", OtlpContentSide.Result),
        ("llm.prompts.", OtlpContentSide.Arguments), ("llm.completions.", OtlpContentSide.Result),
        ("llm.tools.", OtlpContentSide.Arguments), ("llm.request.functions.", OtlpContentSide.Arguments),
        ("llm.choices.", OtlpContentSide.Result), ("retrieval.documents.", OtlpContentSide.Result),
        ("reranker.input_documents.", OtlpContentSide.Arguments), ("reranker.output_documents.", OtlpContentSide.Result),
    ];

    /// <summary>Whether an attribute of this name may say that its span is a step of an agent, or hold what one was given.</summary>
    public static bool MayNameAgent(string name) => name.Length > 2 && name[0] switch
    {
        'g' => Starts(name, "gen_ai.") || Starts(name, "gcp.vertex.agent."),
        'l' => Starts(name, "llm.") || Starts(name, "langfuse.") || Starts(name, "lk."),
        'o' => Starts(name, "openinference.span.kind") || Starts(name, "output.value"),
        'i' => Starts(name, "input.value"),
        'a' => Starts(name, "ai.") || name == "agent_name",
        't' => Starts(name, "traceloop."),
        'm' => Starts(name, "mastra.") || Starts(name, "mlflow.") || Starts(name, "mcp.") || name == "message.source_id",
        'e' => name == "executor.id",
        'p' => Starts(name, "pydantic_ai."),
        _ => false,
    };

    /// <summary>Where the attribute belongs; nowhere when it is no content.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="dialects">Those of its span.</param>
    /// <param name="isWhole">Whether it is a whole content by itself, and no part of a list.</param>
    public static OtlpContentSide SideOf(string name, OtlpDialect dialects, out bool isWhole)
    {
        isWhole = true;
        if (Names.TryGetValue(name, out var known))
        {
            return known.Only == OtlpDialect.None || (known.Only & dialects) != 0 ? known.Side : OtlpContentSide.None;
        }

        // LiveKit marks what may hold personal data in the name; Mastra puts the kind of the span into it.
        if (Starts(name, "lk.pii.") && Names.TryGetValue($"lk.{name.AsSpan("lk.pii.".Length)}", out known))
        {
            return known.Side;
        }

        if (Starts(name, "mastra.") && !Starts(name, "mastra.metadata."))
        {
            return name.EndsWith(".input", StringComparison.Ordinal) ? OtlpContentSide.Arguments
                : name.EndsWith(".output", StringComparison.Ordinal) ? OtlpContentSide.Result : OtlpContentSide.None;
        }

        isWhole = false;
        foreach (var (prefix, side) in Prefixes)
        {
            if (Starts(name, prefix))
            {
                return side;
            }
        }

        return !Starts(name, "embedding.embeddings.") ? OtlpContentSide.None
            : name.EndsWith(".vector", StringComparison.Ordinal) ? OtlpContentSide.Result : OtlpContentSide.Arguments;
    }

    private static FrozenDictionary<string, OtlpContentName> Make()
    {
        var names = new Dictionary<string, OtlpContentName>(StringComparer.Ordinal);
        void Add(OtlpContentSide side, OtlpDialect only, params ReadOnlySpan<string> of)
        {
            foreach (var name in of)
            {
                names.Add(name, new(side, only));
            }
        }

        // The semantic conventions in all their generations, OpenInference, and OpenLIT.
        Add(
            OtlpContentSide.Arguments, OtlpDialect.None, "gen_ai.tool.call.arguments", "gen_ai.input.messages", "gen_ai.system_instructions",
            "gen_ai.tool.definitions", "gen_ai.prompt", "gen_ai.request.tools", "gen_ai.tool.input", "gen_ai.input", "gen_ai.tool.args",
            "gen_ai.workflow.input", "gen_ai.task.input", "gen_ai.retrieval.query.text", "input.value", "llm.prompts");
        Add(
            OtlpContentSide.Result, OtlpDialect.None, "gen_ai.tool.call.result", "gen_ai.output.messages", "gen_ai.completion", "gen_ai.tool.output",
            "gen_ai.output", "gen_ai.workflow.output", "gen_ai.task.output", "gen_ai.response.tool_calls", "gen_ai.retrieval.documents", "output.value",
            "llm.completions");

        // Semantic Kernel before 1.38.
        Add(OtlpContentSide.Arguments, OtlpDialect.None, "gen_ai.agent.invocation_input");
        Add(OtlpContentSide.Result, OtlpDialect.None, "gen_ai.agent.invocation_output");

        // Vercel AI SDK.
        Add(
            OtlpContentSide.Arguments, OtlpDialect.None, "ai.prompt", "ai.prompt.messages", "ai.prompt.tools", "ai.toolCall.args", "ai.schema",
            "ai.value", "ai.values");
        Add(
            OtlpContentSide.Result, OtlpDialect.None, "ai.response.text", "ai.response.toolCalls", "ai.response.object", "ai.response.reasoning",
            "ai.response.files", "ai.result.text", "ai.result.toolCalls", "ai.result.object", "ai.toolCall.result", "ai.embedding", "ai.embeddings");

        // Workflows of Microsoft's agent framework.
        Add(OtlpContentSide.Arguments, OtlpDialect.None, "executor.input", "message.content");
        Add(OtlpContentSide.Result, OtlpDialect.None, "executor.output");

        // Traceloop, Langfuse, MLflow, Google ADK, LiveKit.
        Add(
            OtlpContentSide.Arguments, OtlpDialect.None, "traceloop.entity.input", "langfuse.observation.input", "langfuse.trace.input",
            "mlflow.spanInputs", "mlflow.chat.tools", "mlflow.chat.messages", "gcp.vertex.agent.llm_request", "gcp.vertex.agent.tool_call_args",
            "lk.chat_ctx", "lk.function_tools", "lk.function_tool.arguments", "lk.instructions", "lk.input_text", "lk.user_input");
        Add(
            OtlpContentSide.Result, OtlpDialect.None, "traceloop.entity.output", "mcp.response.value", "langfuse.observation.output",
            "langfuse.trace.output", "mlflow.spanOutputs", "gcp.vertex.agent.llm_response", "gcp.vertex.agent.tool_response",
            "lk.function_tool.output", "lk.response.text", "lk.response.function_calls", "lk.user_transcript");

        Add(OtlpContentSide.Arguments, OtlpDialect.Mastra, "input");
        Add(OtlpContentSide.Result, OtlpDialect.Mastra, "output");

        // pydantic-ai and Logfire. Their lists of messages hold the answers, too.
        Add(
            OtlpContentSide.Arguments, OtlpDialect.Pydantic, "tool_arguments", "model_request_parameters", "events", "all_messages_events",
            "request_data");
        Add(OtlpContentSide.Arguments, OtlpDialect.None, "pydantic_ai.all_messages");
        Add(OtlpContentSide.Result, OtlpDialect.Pydantic, "tool_response", "final_result", "response_data");
        return names.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static bool Starts(string name, string prefix) => name.StartsWith(prefix, StringComparison.Ordinal);

    private readonly record struct OtlpContentName(OtlpContentSide Side, OtlpDialect Only);
}

/// <summary>What a call was given, or what it gave back.</summary>
internal enum OtlpContentSide
{
    None,

    Arguments,

    Result,
}

/// <summary>The dialects of a span in which names count that anything may have.</summary>
[Flags]
internal enum OtlpDialect
{
    None = 0,

    Mastra = 1,

    Pydantic = 2,
}
