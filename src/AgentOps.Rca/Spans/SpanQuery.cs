namespace AgentOps.Rca.Spans;

/// <summary>
/// Which spans to list: by <c>start_ts</c> ascending, then by <c>span_id</c> ascending (bytes of UTF-8).
/// </summary>
public sealed record SpanQuery
{
    /// <summary>Only spans of this incident.</summary>
    public string? IncidentId { get; init; }

    /// <summary>Only spans that belong to no incident; they are the baseline. Excludes <see cref="IncidentId"/>.</summary>
    public bool WithoutIncident { get; init; }

    /// <summary>Only spans of exactly this tool.</summary>
    public string? Tool { get; init; }

    /// <summary>
    /// True: only evidence, as <see cref="ToolNames.IsEvidence"/> says. False: only what was made of it, which is always little.
    /// </summary>
    public bool? IsEvidence { get; init; }

    /// <summary>Only spans whose <c>start_ts</c>, as stored, is at least this.</summary>
    public long? FromTs { get; init; }

    /// <summary>Only spans whose <c>start_ts</c>, as stored, is below this.</summary>
    public long? ToTs { get; init; }

    /// <summary>Only spans strictly after this place in the order: the last span of the page before.</summary>
    public SpanCursor? After { get; init; }

    /// <summary>
    /// Whether the spans come without their attributes, as an empty object, for who looks at many and needs none: reading them costs most.
    /// </summary>
    public bool WithoutAttributes { get; init; }

    /// <summary>At most this many; null lists all of them.</summary>
    public int? Limit { get; init; }

    /// <summary>Whether it asks for the evidence of an incident, or for all of it, from a place on.</summary>
    internal bool IsWholeIncident => IncidentId is not null && Tool is null && FromTs is null && ToTs is null && IsEvidence is not false;
}

/// <summary>A place in the listing of spans.</summary>
/// <param name="StartTs">The <c>start_ts</c> of the span at that place, as stored.</param>
/// <param name="SpanId">The id of the span at that place.</param>
public readonly record struct SpanCursor(long StartTs, string SpanId);
