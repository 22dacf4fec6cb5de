using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Spans;

/// <summary>A span in the forest, with what an analysis needs of it; its other attributes stay in the store.</summary>
public sealed class SpanNode
{
    internal SpanNode(int index, Span span, EventPatterns patterns)
    {
        Index = index;
        SpanId = span.SpanId;
        ParentId = span.ParentId;
        StoredStartTs = span.StartTs;
        StartNs = EpochUnit.ToNanoseconds(span.StartTs);
        EndNs = EpochUnit.ToNanoseconds(span.EndTs);
        ArgsDigest = ArtifactDigest.TryParse(span.ArgsDigest, out var args) ? args : null;
        ResultDigest = ArtifactDigest.TryParse(span.ResultDigest, out var result) ? result : null;
        Failure = SpanFailure.Read(span.Attributes);
        Limits = SpanLimits.Read(span.Attributes);
        Service = patterns.ServiceOf(span.Attributes);
        Events = patterns.Read(span.Attributes);
        Tool = span.Tool;
    }

    /// <summary>The node's place in <see cref="SpanForest.Nodes"/>.</summary>
    public int Index { get; internal set; }

    /// <summary>The span's id.</summary>
    public string SpanId { get; }

    /// <summary>The parent's id as the span gives it; <see cref="Parent"/> is null when it is unknown or would close a cycle.</summary>
    public string? ParentId { get; internal set; }

    /// <summary>The span's tool.</summary>
    public string Tool { get; internal set; }

    /// <summary>The service it ran in (<c>service.name</c> or <c>service</c>), or null when the span does not say.</summary>
    public string? Service { get; }

    /// <summary>The patterns of its events, each once, in the order in which each was first reported; empty when it has no events.</summary>
    public IReadOnlyList<EventPattern> Events { get; }

    /// <summary>When it started, in nanoseconds since 1970-01-01 UTC.</summary>
    public long StartNs { get; }

    internal long StoredStartTs { get; }

    /// <summary>When it ended, in nanoseconds since 1970-01-01 UTC; may lie before <see cref="StartNs"/>.</summary>
    public long EndNs { get; }

    /// <summary>The digest of its arguments, or null when there is none or it is not a SHA-256.</summary>
    public ArtifactDigest? ArgsDigest { get; }

    /// <summary>The digest of its result, or null when there is none or it is not a SHA-256.</summary>
    public ArtifactDigest? ResultDigest { get; }

    /// <summary>That it failed and how, or null.</summary>
    public SpanFailure? Failure { get; }

    /// <summary>What it was allowed and what it used, or null when the span does not say.</summary>
    public SpanLimits? Limits { get; }

    /// <summary>The node that made this call, or null for a root.</summary>
    public SpanNode? Parent { get; internal set; }

    /// <summary>The calls that this one made, by start, then by id.</summary>
    public IReadOnlyList<SpanNode> Children { get; internal set; } = [];

    /// <summary>From start to end in nanoseconds; 0 when it ends before it starts.</summary>
    public long DurationNs => EndNs > StartNs ? EndNs - StartNs : 0;

    /// <inheritdoc/>
    public override string ToString() => $"{Tool} ({SpanId})";
}
