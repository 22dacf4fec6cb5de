namespace AgentOps.Rca.Importing;

/// <summary>The names of the formats that are read.</summary>
public static class ImportFormats
{
    /// <summary>OTLP in JSON: one document, or one request a line, as the collector's file exporter writes it.</summary>
    public const string OtlpJson = "otlp-json";

    /// <summary>One OTLP request in protobuf.</summary>
    public const string OtlpProtobuf = "otlp-protobuf";

    /// <summary>A session of Claude Code.</summary>
    public const string ClaudeCode = "claude-code";

    /// <summary>A session of the Codex command line.</summary>
    public const string Codex = "codex";

    /// <summary>An export of Langfuse.</summary>
    public const string Langfuse = "langfuse";

    /// <summary>A trajectory in Harbor's interchange format.</summary>
    public const string Atif = "atif";

    /// <summary>A log of inspect_ai, or a sample out of one.</summary>
    public const string Inspect = "inspect";

    /// <summary>A trajectory of SWE-agent.</summary>
    public const string SweAgent = "swe-agent";

    /// <summary>Traces of OpenAI's Agents SDK.</summary>
    public const string OpenAiAgents = "openai-agents";

    /// <summary>Runs of LangSmith.</summary>
    public const string LangSmith = "langsmith";

    /// <summary>A list of messages in the form of OpenAI or Anthropic.</summary>
    public const string Messages = "messages";
}
