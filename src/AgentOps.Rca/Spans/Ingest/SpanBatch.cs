namespace AgentOps.Rca.Spans.Ingest;

/// <summary>Spans that were read in one go.</summary>
/// <param name="Spans">The spans, in the order of the body. When there is a problem, those before it.</param>
/// <param name="IsLast">Whether nothing comes after them.</param>
/// <param name="Problem">Why reading stopped before the end, or null.</param>
internal sealed record SpanBatch(IReadOnlyList<Span> Spans, bool IsLast, SpanProblem? Problem);
