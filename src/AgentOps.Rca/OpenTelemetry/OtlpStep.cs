namespace AgentOps.Rca.OpenTelemetry;

/// <summary>What a span is a record of, and of whom: the bare name of the tool, the model or the agent.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The name; null when no attribute says it, and then the span's own name stands for it.</param>
/// <param name="IsAgent">Whether the name is an agent's, and not that of a workflow or of a step around agents.</param>
internal readonly record struct OtlpStep(OtlpSpanKind Kind, string? Name = null, bool IsAgent = false);

/// <summary>What a span is a record of.</summary>
internal enum OtlpSpanKind
{
    /// <summary>Work of a service, or a step that has no name of its own here.</summary>
    Other,

    Tool,

    Model,

    Agent,

    Guardrail,
}
