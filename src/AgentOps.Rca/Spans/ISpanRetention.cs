namespace AgentOps.Rca.Spans;

/// <summary>What a store of spans can do besides <see cref="ISpanStore"/>: forget the baseline, the spans that belong to no incident.</summary>
public interface ISpanRetention
{
    /// <summary>Deletes spans that belong to no incident, the oldest first. A span that gets its incident meanwhile stays.</summary>
    /// <param name="fromTs">Only spans whose <c>start_ts</c>, as stored, is at least this.</param>
    /// <param name="toTs">Only spans whose <c>start_ts</c>, as stored, is below this.</param>
    /// <param name="limit">At most this many, in one short transaction.</param>
    /// <param name="cancellationToken">Cancels the call; repeating it is safe.</param>
    /// <returns>How many were deleted; fewer than <paramref name="limit"/> when none is left or some were linked meanwhile.</returns>
    ValueTask<int> DeleteBaselineAsync(long fromTs, long toTs, int limit, CancellationToken cancellationToken = default);
}
