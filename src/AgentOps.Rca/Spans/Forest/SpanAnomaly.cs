namespace AgentOps.Rca.Spans;

/// <summary>Something wrong with the structure of a case's spans.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="SpanId">The span it is wrong with.</param>
internal readonly record struct SpanAnomaly(SpanAnomalyKind Kind, string SpanId);

/// <summary>What can be wrong with the structure of a case's spans.</summary>
internal enum SpanAnomalyKind
{
    /// <summary>Its parent is not among the spans.</summary>
    UnknownParent,

    /// <summary>It names itself as its parent.</summary>
    SelfParent,

    /// <summary>Its chain of parents comes back to it; the cycle is cut here.</summary>
    Cycle,

    /// <summary>It ends before it starts.</summary>
    EndsBeforeStart,

    /// <summary>A second span of this id came; it was left out.</summary>
    DuplicateId,

    /// <summary>It is a log record whose call is not among the spans.</summary>
    LogWithoutSpan,
}
