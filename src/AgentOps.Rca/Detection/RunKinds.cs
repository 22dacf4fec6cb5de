using System.Text.Json;
using AgentOps.Rca.Json;
using AgentOps.Rca.Recording;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Detection;

/// <summary>What makes a span the run of an agent: its name here, what its framework calls it, or the names that the host gave.</summary>
/// <param name="named">Names of spans that are runs, in which <c>*</c> stands for any text.</param>
internal sealed class RunKinds(IEnumerable<string> named)
{
    private const string McpSession = "mcp.client.session";
    private const string OrchestrateTools = "orchestrate_tools";

    private readonly SourcePatterns _named = new(named);

    /// <summary>The kinds without names of a host's own.</summary>
    public static RunKinds Known { get; } = new([]);

    /// <summary>Whether the span is a run wherever it stands.</summary>
    public bool IsRun(Span span) =>
        (span.Tool.StartsWith(ToolNames.AgentRunPrefix, StringComparison.Ordinal) && !IsOuterRun(span)) || _named.Match(span.Tool) || _named.Match(NameOf(span));

    /// <summary>
    /// Whether the span is a run when nothing of an agent stands above it. Frameworks give the steps within a run the same kind, and those are
    /// stored before the run: as long as the span above is on its way, it cannot be told which of the two this is.
    /// </summary>
    public static bool IsOuterRun(Span span) => NameOf(span) == OrchestrateTools || (MayTell(span.KeptAttributes) && Tells(span));

    /// <summary>Whether the span is one executor of a workflow, which is never the whole run.</summary>
    public static bool IsExecutor(Span span) => span.Attributes.TextOf("executor.id") is not null;

    /// <summary>Whether the span is a call that an agent makes: of a tool, of a model, or a session with a server of tools.</summary>
    public static bool IsStep(Span span) => IsToolCall(span) || IsModelCall(span) || IsSession(span);

    public static bool IsToolCall(Span span) => span.Tool.StartsWith(ToolNames.ToolCallPrefix, StringComparison.Ordinal);

    public static bool IsModelCall(Span span) => span.Tool.StartsWith(ToolNames.ModelCallPrefix, StringComparison.Ordinal);

    /// <summary>Whether the span is the session of a client of the Model Context Protocol.</summary>
    public static bool IsSession(Span span) => NameOf(span) == McpSession;

    /// <summary>Whether the span is where a service was asked: a run that nothing tells apart begins there.</summary>
    public static bool IsEntry(Span span) => span.ParentId is null || span.Attributes.TextOf("otel.kind") is "server" or "consumer";

    /// <summary>The service that a span ran in, or null when it does not say.</summary>
    public static string? ServiceOf(Span span) => span.Attributes.TextOf("service.name") ?? span.Attributes.TextOf("service")
        ?? (span.Attributes.ValueKind == JsonValueKind.Object && span.Attributes.TryGetProperty("resource", out var resource) ? resource.TextOf("service.name") : null);

    // Nearly every span of a service is done with after these searches, without its attributes being read.
    private static bool MayTell(RecordJson attributes) =>
        attributes.Mentions("ai.operationId"u8) || attributes.Mentions("openinference"u8) || attributes.Mentions("traceloop.span.kind"u8)
        || attributes.Mentions("mastra.span.type"u8) || attributes.Mentions("invoke_workflow"u8) || attributes.Mentions("orchestrate_tools"u8)
        || attributes.Mentions("executor.id"u8);

    private static bool Tells(Span span)
    {
        var attributes = span.Attributes;
        return attributes.TextOf("ai.operationId") is "ai.generateText" or "ai.streamText" or "ai.generateObject" or "ai.streamObject"
            || attributes.TextOf("traceloop.span.kind") is "workflow" or "agent"
            || attributes.TextOf("mastra.span.type") is "agent_run" or "workflow_run"
            || attributes.TextOf("gen_ai.operation.name") is "invoke_workflow" or OrchestrateTools
            || IsExecutor(span)
            || (attributes.TextOf("openinference.span.kind") is { } kind
                ? kind.Equals("CHAIN", StringComparison.OrdinalIgnoreCase)
                : IsUntoldByOpenInference(span));
    }

    // OpenInference writes the kind when a call ends; where the call fails, the span may stay without one.
    private static bool IsUntoldByOpenInference(Span span) =>
        span.Attributes.TextOf("otel.scope.name")?.Contains("openinference", StringComparison.OrdinalIgnoreCase) == true && !IsToolCall(span) && !IsModelCall(span);

    // A step of an agent keeps the name that it came with; any other span is called service/name.
    private static string NameOf(Span span) => IsToolCall(span) || IsModelCall(span) || span.Tool.StartsWith(ToolNames.AgentRunPrefix, StringComparison.Ordinal)
        ? span.Attributes.TextOf("otel.name") ?? span.Tool
        : span.Tool[(span.Tool.IndexOf('/', StringComparison.Ordinal) + 1)..];
}
