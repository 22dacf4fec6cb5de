namespace AgentOps.Rca.Spans;

/// <summary>How tools are named. Any other text is allowed as a tool's name.</summary>
public static class ToolNames
{
    /// <summary>A call of a tool: <c>tool.call/&lt;name&gt;</c>.</summary>
    public const string ToolCallPrefix = "tool.call/";

    /// <summary>A call of a language model by the agent: <c>llm.call/&lt;name&gt;</c>.</summary>
    public const string ModelCallPrefix = "llm.call/";

    /// <summary>A step or run of an agent: <c>agent.run/&lt;name&gt;</c>.</summary>
    public const string AgentRunPrefix = "agent.run/";

    // A check of what goes in or out: guardrail/<name>.
    internal const string GuardrailPrefix = "guardrail/";

    /// <summary>A log record that belongs to a span, as a span of no length below it.</summary>
    public const string Log = "otel.log";

    /// <summary>An analysis by this library: <c>rca.analyze/&lt;engine&gt;</c>.</summary>
    public const string AnalysisPrefix = "rca.analyze/";

    /// <summary>A model call that this library made for an analysis.</summary>
    public const string AnalysisModelCall = "llm.call/rca";

    /// <summary>The record that those who asked were told of an incident that a rule opened.</summary>
    public const string Notification = "rca.notify";

    /// <summary>A person's decision on a report.</summary>
    public const string HumanApproval = "human.approval";

    // The record that a host sees an incident through.
    internal const string Claim = "rca.claim";

    private const string AuditPrefix = "audit.";

    // The second record of a decision, by which a removed one is known.
    internal const string DecisionWitness = "audit.witness";

    /// <summary>Whether a span of this tool records who did what.</summary>
    internal static bool IsAudit(string tool) => tool.StartsWith(AuditPrefix, StringComparison.Ordinal);

    /// <summary>Whether a span of this tool is a step of an agent: a call of a tool or a model, or a run.</summary>
    internal static bool IsStep(string tool) => tool.StartsWith(ToolCallPrefix, StringComparison.Ordinal)
        || tool.StartsWith(ModelCallPrefix, StringComparison.Ordinal) || tool.StartsWith(AgentRunPrefix, StringComparison.Ordinal);

    /// <summary>What a tool from elsewhere is called here: names that this library gives its own records stand behind <c>otel/</c>.</summary>
    /// <param name="tool">The name that it came with.</param>
    public static string FromElsewhere(string tool) => IsEvidence(tool) && !IsAudit(tool) ? tool : $"otel/{tool}";

    /// <summary>
    /// Whether a span of this tool is evidence of what the agent did. The others (<c>rca.*</c>, <c>human.*</c> and
    /// <see cref="AnalysisModelCall"/>) tell what was made of it.
    /// </summary>
    /// <param name="tool">The span's tool.</param>
    public static bool IsEvidence(string tool)
    {
        ArgumentNullException.ThrowIfNull(tool);
        return !tool.StartsWith("rca.", StringComparison.Ordinal) && !tool.StartsWith("human.", StringComparison.Ordinal)
            && tool != AnalysisModelCall;
    }
}
