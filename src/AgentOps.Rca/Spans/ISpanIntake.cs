namespace AgentOps.Rca.Spans;

/// <summary>
/// The one way in for spans, whoever makes them: stores them, tells the observers, and brings log records into the incident of their call.
/// </summary>
public interface ISpanIntake
{
    /// <summary>Takes spans in. What <see cref="ISpanStore.AddAsync"/> says of its batch holds here, and repeating the call is safe.</summary>
    /// <param name="spans">The spans; each one's <see cref="Span.Attributes"/> must be a JSON object.</param>
    /// <param name="cancellationToken">Cancels the call; what was written is then unknown.</param>
    /// <returns>What became of them; the caller says what a conflict means to it.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot be reached; the spans may be stored, and sending them again is safe.</exception>
    ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default);
}
