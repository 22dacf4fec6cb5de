namespace AgentOps.Rca.Replay;

/// <summary>
/// Replays incidents from recorded bytes, without network, clock or model: it hashes every artifact again and makes every report again.
/// </summary>
public interface IReplayer
{
    /// <summary>Replays an incident. Spans are walked in causal order: a parent before its children, then by start, then by id.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="onOutput">Given each recorded result as the walk comes to it, so that they need not all be in memory; or null.</param>
    /// <param name="cancellationToken">Stops the replay.</param>
    /// <returns>The result, or null when there is no such incident; then nothing was given to <paramref name="onOutput"/>.</returns>
    ValueTask<ReplayResult?> ReplayAsync(
        Guid incidentId, Func<ReplayOutput, CancellationToken, ValueTask>? onOutput = null, CancellationToken cancellationToken = default);
}
