using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Spans;

/// <summary>A span in the forest, with what an analysis needs of it; its other attributes stay in the store.</summary>
/// <remarks>There may be millions: it is 88 bytes, and what is a text or a digest is made of the columns when somebody asks.</remarks>
public sealed class SpanNode
{
    // Numbers count from 1 here, and 0 is none; a parent that is not among the spans counts below it.
    private readonly int _args;
    private readonly int _result;
    private readonly int _limits;
    private readonly long _storedEndTs;
    private readonly SpanOrigin _origin;
    private SpanNode[] _children = [];

    // Nearly every node has none in the end.
    private SpanDetails? _details;

    internal SpanNode(int number, SpanOrigin origin, in SpanRow row, int parent, int args, int result, int limits, SpanDetails? details)
    {
        Number = Index = number;
        _origin = origin;
        StoredStartTs = row.StartTs;
        _storedEndTs = row.EndTs;
        ParentKey = parent;
        _args = args;
        _result = result;
        _limits = limits;
        _details = details;
    }

    /// <summary>The node's place in <see cref="SpanForest.Nodes"/>.</summary>
    public int Index { get; internal set; }

    /// <summary>The span's id.</summary>
    public string SpanId => _origin.Columns.Ids.Text(Number);

    /// <summary>The parent's id as the span gives it; <see cref="Parent"/> is null when it is unknown or would close a cycle.</summary>
    public string? ParentId => ParentKey switch
    {
        0 => null,
        > 0 => _origin.Columns.Ids.Text(ParentKey - 1),
        _ => _origin.Columns.Strangers.Text(~ParentKey),
    };

    /// <summary>The span's tool.</summary>
    public string Tool => _origin.Tool;

    /// <summary>The service it ran in (<c>service.name</c> or <c>service</c>), or null when the span does not say.</summary>
    public string? Service => _origin.Service;

    /// <summary>Of a step of an agent, the process that it ran in; null for others, and when the span does not say.</summary>
    internal string? Sender => _origin.Sender;

    /// <summary>The span's id in UTF-8.</summary>
    internal ReadOnlySpan<byte> SpanIdUtf8 => _origin.Columns.Ids[Number];

    /// <summary>
    /// The patterns of its events, those of its <see cref="Logs"/> among them, each once, in the order in which each was first reported;
    /// empty when it has no events.
    /// </summary>
    internal IReadOnlyList<EventPattern> Events => _details?.Events ?? [];

    /// <summary>The log records that came as spans of their own (<see cref="ToolNames.Log"/>) and belong to this call, by time, then by id.</summary>
    public IReadOnlyList<SpanNode> Logs => _details?.Logs?.Logs ?? [];

    /// <summary>When it started, in nanoseconds since 1970-01-01 UTC.</summary>
    public long StartNs => EpochUnit.ToNanoseconds(StoredStartTs);

    internal long StoredStartTs { get; }

    /// <summary>When it ended, in nanoseconds since 1970-01-01 UTC; may lie before <see cref="StartNs"/>.</summary>
    public long EndNs => EpochUnit.ToNanoseconds(_storedEndTs);

    /// <summary>The digest of its arguments, or null when there is none or it is not a SHA-256.</summary>
    public ArtifactDigest? ArgsDigest => _args == 0 ? null : _origin.Columns.Digests[_args - 1];

    /// <summary>The digest of its result, or null when there is none or it is not a SHA-256.</summary>
    public ArtifactDigest? ResultDigest => _result == 0 ? null : _origin.Columns.Digests[_result - 1];

    /// <summary>That it failed and how, as its own attributes or its <see cref="Logs"/> say, or null.</summary>
    public SpanFailure? Failure => _details?.Failure;

    /// <summary>What it was allowed and what it used, or null when the span does not say.</summary>
    internal SpanLimits? Limits => _limits == 0 ? null : _origin.Columns.Limits.Of(_limits);

    /// <summary>The same, or null when the span does not say what it was allowed, as nearly all do: asked of each of a million, it makes nothing.</summary>
    internal SpanLimits? Allowed => _limits != 0 && _origin.Columns.Limits.IsLimit(_limits) ? Limits : null;

    /// <summary>The node that made this call, or null for a root.</summary>
    public SpanNode? Parent { get; internal set; }

    /// <summary>The calls that this one made, by start, then by id.</summary>
    public IReadOnlyList<SpanNode> Children => _children;

    /// <summary>From start to end in nanoseconds; 0 when it ends before it starts.</summary>
    public long DurationNs => EndNs is var end && StartNs is var start && end > start ? end - start : 0;

    /// <summary>Whether it is a log record, and no call.</summary>
    internal bool IsLog => Tool == ToolNames.Log;

    /// <summary>Whether it names a parent, be that among the spans or not.</summary>
    internal bool NamesParent => ParentKey != 0;

    /// <summary>Whether it names an artifact.</summary>
    internal bool NamesArtifact => (_args | _result) != 0;

    /// <summary>The number of its arguments in the forest's digests, or -1.</summary>
    internal int ArgsNumber => _args - 1;

    /// <summary>The number of its result in the forest's digests, or -1.</summary>
    internal int ResultNumber => _result - 1;

    /// <summary>In which place it came.</summary>
    internal int Number { get; }

    /// <summary>One more than the number of the parent that it names; 0 for none, less for one that has not come.</summary>
    internal int ParentKey { get; set; }

    /// <summary>Where its attributes, or those of one of its logs, say that it failed: the span, and the pointer into its canonical form.</summary>
    internal (string SpanId, string Pointer) FailurePlace => (_details?.Logs?.Failed?.SpanId ?? SpanId, "/attributes" + Failure?.Pointer);

    /// <summary>Where an event of this pattern stands: the span, and the pointer into its canonical form.</summary>
    internal (string SpanId, string Pointer) PlaceOf(string pattern) =>
        (_details?.Logs?.With(pattern)?.SpanId ?? SpanId, Events.Count > 0 ? "/attributes/events" : "/tool");

    /// <summary>Makes these log records its events, and lets go of what was kept for that.</summary>
    internal void Join(List<SpanNode>? logs)
    {
        var times = _details?.Times ?? [];
        if (logs is not null)
        {
            var joined = new SpanLogs(this, logs);
            _details = new SpanDetails(joined.FailureOf(this), joined.EventsOf(this, times), null, joined);
        }
        else if (_details?.Times is not null)
        {
            _details = _details with { Times = null };
        }
    }

    /// <summary>Gives it room for so many calls, of which the last is set first.</summary>
    internal void SetChild(SpanNode child, int fromEnd, int count)
    {
        if (_children.Length == 0)
        {
            _children = new SpanNode[count];
        }

        _children[^fromEnd] = child;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Tool} ({SpanId})";
}

/// <summary>What few spans tell.</summary>
/// <param name="Failure">That it failed.</param>
/// <param name="Events">The patterns of its events.</param>
/// <param name="Times">When each was first reported, until the forest is built.</param>
/// <param name="Logs">Its log records.</param>
internal sealed record SpanDetails(SpanFailure? Failure, IReadOnlyList<EventPattern> Events, long[]? Times, SpanLogs? Logs);
