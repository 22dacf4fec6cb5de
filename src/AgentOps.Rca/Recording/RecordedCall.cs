using System.Diagnostics;

namespace AgentOps.Rca.Recording;

/// <summary>A call that is being recorded.</summary>
internal sealed class RecordedCall
{
    public required string SpanId { get; init; }

    /// <summary>What is called. A model that nobody named before is known by its answer.</summary>
    public required string Tool { get; set; }

    public required CallKind Kind { get; init; }

    public required CallPlace? Parent { get; init; }

    public required string? IncidentId { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>Its number among the calls of this process.</summary>
    public required long Sequence { get; init; }

    /// <summary>The exact bytes of its arguments; null when it has none.</summary>
    public byte[]? Arguments { get; init; }

    public string ArgumentsMime { get; init; } = RecordedResult.Json;

    /// <summary>Why it cannot be recorded, or null.</summary>
    public Exception? Problem { get; init; }

    /// <summary>The place of calls made within it.</summary>
    public CallPlace Place => new(SpanId, IncidentId, Activity.Current, Kind);

    /// <summary>The activity that stands for it while it is made, or null: what happens below it names its span as the parent.</summary>
    public Activity? Own { get; init; }
}
