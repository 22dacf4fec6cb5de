using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Columns;

namespace AgentOps.Rca.Spans;

/// <summary>What the nodes of a forest keep together: a node has numbers, and their texts, digests and amounts stand here, each once.</summary>
internal sealed class SpanColumns
{
    /// <summary>The ids of the spans, in the order in which they came.</summary>
    public Utf8Table Ids { get; } = new();

    /// <summary>Ids of parents that had not come when a span named them.</summary>
    public Utf8Table Strangers { get; } = new();

    /// <summary>The artifacts that the spans name.</summary>
    public DigestTable Digests { get; } = new();

    /// <summary>What they were allowed, and what they used.</summary>
    public SpanLimits.Entries Limits { get; } = new();
}

/// <summary>What is the same for many spans: their tool, where they ran, and the columns with the rest.</summary>
/// <param name="Columns">The columns.</param>
/// <param name="Tool">The tool.</param>
/// <param name="Service">The service.</param>
/// <param name="Sender">Of steps of agents, the process.</param>
internal sealed record SpanOrigin(SpanColumns Columns, string Tool, string? Service, string? Sender);
