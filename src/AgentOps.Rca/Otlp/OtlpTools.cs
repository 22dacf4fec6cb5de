using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Otlp;

/// <summary>
/// What an OpenTelemetry span is called here, by the semantic conventions for generative AI: <c>execute_tool</c> is a call of a tool, chat
/// and completions are calls of a model, <c>invoke_agent</c> is a run of an agent. OpenInference's kinds of span mean the same.
/// </summary>
internal static class OtlpTools
{
    public const string OpenInferenceKind = "openinference.span.kind";

    public static string NameOf(OtlpSpanKind kind, string? service, string spanName, OtlpAttributes attributes)
    {
        var name = kind switch
        {
            OtlpSpanKind.Tool => ToolNames.ToolCallPrefix
                + (attributes.Text("gen_ai.tool.name") ?? attributes.Text("tool.name") ?? WithoutVerb(spanName, "execute_tool ")),
            OtlpSpanKind.Model => ToolNames.ModelCallPrefix
                + (attributes.Text("gen_ai.request.model") ?? attributes.Text("gen_ai.response.model") ?? attributes.Text("llm.model_name")
                    ?? attributes.Text("embedding.model_name") ?? WithoutVerb(spanName, "chat ")),
            OtlpSpanKind.Agent => ToolNames.AgentRunPrefix
                + (attributes.Text("gen_ai.agent.name") ?? attributes.Text("agent.name") ?? WithoutVerb(spanName, "invoke_agent ")),
            _ => service is null ? spanName : $"{service}/{spanName}",
        };
        if (name.Length == 0)
        {
            name = "unnamed";
        }

        // What this library writes itself cannot come from outside.
        return OtlpText.Cut(ToolNames.IsEvidence(name) ? name : $"otel/{name}", OtlpLimits.ToolLength);
    }

    /// <summary>Whether the span is a step of an agent, and not of a service.</summary>
    public static OtlpSpanKind KindOf(OtlpAttributes attributes) => !attributes.MayNameAgent ? OtlpSpanKind.Other : attributes.Text("gen_ai.operation.name") switch
    {
        "execute_tool" => OtlpSpanKind.Tool,
        "chat" or "text_completion" or "generate_content" or "embeddings" or "completion" => OtlpSpanKind.Model,
        "invoke_agent" => OtlpSpanKind.Agent,
        not null => OtlpSpanKind.Other,
        null => attributes.Text(OpenInferenceKind)?.ToUpperInvariant() switch
        {
            "TOOL" => OtlpSpanKind.Tool,
            "LLM" or "EMBEDDING" => OtlpSpanKind.Model,
            "AGENT" => OtlpSpanKind.Agent,
            not null => OtlpSpanKind.Other,

            // Before operations had names, a model call was known by its model and its system.
            null when attributes.Text("gen_ai.tool.name") is not null => OtlpSpanKind.Tool,
            null when attributes.Text("gen_ai.request.model") is not null && attributes.Text("gen_ai.system") is not null => OtlpSpanKind.Model,
            null => OtlpSpanKind.Other,
        },
    };

    private static string WithoutVerb(string name, string verb) => name.StartsWith(verb, StringComparison.Ordinal) ? name[verb.Length..] : name;
}

/// <summary>What a span is a record of.</summary>
internal enum OtlpSpanKind
{
    /// <summary>Work of a service, or a step that has no name of its own here.</summary>
    Other,

    Tool,

    Model,

    Agent,
}
