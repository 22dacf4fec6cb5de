using System.Text.Json;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Spans;

/// <summary>A span in the forest, with what an analysis needs of it; its other attributes stay in the store.</summary>
public sealed class SpanNode
{
    internal SpanNode(int index, in SpanKey key, ArtifactDigest? args, ArtifactDigest? result, JsonElement attributes, EventPatterns patterns)
    {
        Index = index;
        SpanId = key.SpanId;
        ParentId = key.ParentId;
        StoredStartTs = key.StartTs;
        StartNs = EpochUnit.ToNanoseconds(key.StartTs);
        EndNs = EpochUnit.ToNanoseconds(key.EndTs);
        ArgsDigest = args;
        ResultDigest = result;
        Failure = SpanFailure.Read(attributes);
        Limits = SpanLimits.Read(attributes);
        Service = patterns.ServiceOf(attributes);
        Tool = key.Tool;
        Sender = ToolNames.IsStep(key.Tool) ? Service ?? patterns.SenderOf(attributes) : null;

        // Only a span of OpenTelemetry can get log records; theirs must then be put between its own events.
        var mayGetLogs = SpanId.Contains(':', StringComparison.Ordinal) && !IsLog;
        Events = patterns.Read(attributes, StartNs, mayGetLogs, out var times);
        _extra = times;
    }

    // The times of its events until the forest is built, then its logs: nearly every node has neither in the end.
    private object? _extra;

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

    /// <summary>Of a step of an agent, the process that it ran in; null for others, and when the span does not say.</summary>
    internal string? Sender { get; }

    /// <summary>
    /// The patterns of its events, those of its <see cref="Logs"/> among them, each once, in the order in which each was first reported;
    /// empty when it has no events.
    /// </summary>
    internal IReadOnlyList<EventPattern> Events { get; set; }

    /// <summary>The log records that came as spans of their own (<see cref="ToolNames.Log"/>) and belong to this call, by time, then by id.</summary>
    public IReadOnlyList<SpanNode> Logs => (_extra as SpanLogs)?.Logs ?? [];

    /// <summary>When it started, in nanoseconds since 1970-01-01 UTC.</summary>
    public long StartNs { get; }

    internal long StoredStartTs { get; }

    /// <summary>When it ended, in nanoseconds since 1970-01-01 UTC; may lie before <see cref="StartNs"/>.</summary>
    public long EndNs { get; }

    /// <summary>The digest of its arguments, or null when there is none or it is not a SHA-256.</summary>
    public ArtifactDigest? ArgsDigest { get; }

    /// <summary>The digest of its result, or null when there is none or it is not a SHA-256.</summary>
    public ArtifactDigest? ResultDigest { get; }

    /// <summary>That it failed and how, as its own attributes or its <see cref="Logs"/> say, or null.</summary>
    public SpanFailure? Failure { get; internal set; }

    /// <summary>What it was allowed and what it used, or null when the span does not say.</summary>
    internal SpanLimits? Limits { get; }

    /// <summary>The node that made this call, or null for a root.</summary>
    public SpanNode? Parent { get; internal set; }

    /// <summary>The calls that this one made, by start, then by id.</summary>
    public IReadOnlyList<SpanNode> Children { get; internal set; } = [];

    /// <summary>From start to end in nanoseconds; 0 when it ends before it starts.</summary>
    public long DurationNs => EndNs > StartNs ? EndNs - StartNs : 0;

    /// <summary>Whether it is a log record, and no call.</summary>
    internal bool IsLog => Tool == ToolNames.Log;

    /// <summary>Where its attributes, or those of one of its logs, say that it failed: the span, and the pointer into its canonical form.</summary>
    internal (string SpanId, string Pointer) FailurePlace => ((_extra as SpanLogs)?.Failed?.SpanId ?? SpanId, "/attributes" + Failure?.Pointer);

    /// <summary>Where an event of this pattern stands: the span, and the pointer into its canonical form.</summary>
    internal (string SpanId, string Pointer) PlaceOf(string pattern) =>
        ((_extra as SpanLogs)?.With(pattern)?.SpanId ?? SpanId, Events.Count > 0 ? "/attributes/events" : "/tool");

    /// <summary>Makes these log records its events, and lets go of what was kept for that.</summary>
    internal void Join(List<SpanNode>? logs)
    {
        var times = _extra as long[] ?? [];
        _extra = null;
        if (logs is not null)
        {
            var joined = new SpanLogs(this, logs);
            (_extra, Failure, Events) = (joined, joined.FailureOf(this), joined.EventsOf(this, times));
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Tool} ({SpanId})";
}

/// <summary>What names a span, and when it ran, as stored.</summary>
internal readonly record struct SpanKey(string SpanId, string? ParentId, string Tool, long StartTs, long EndTs);
