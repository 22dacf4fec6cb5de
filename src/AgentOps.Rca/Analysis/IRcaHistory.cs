namespace AgentOps.Rca.Analysis;

/// <summary>What earlier analyses found. An analysis takes it into its case manifest, so that a replay sees the same.</summary>
internal interface IRcaHistory
{
    /// <summary>The patterns of other incidents that lie in one of these tools, the most frequent first.</summary>
    /// <param name="incidentId">The incident that is being analysed; it is no precedent of itself.</param>
    /// <param name="tools">The tools of its spans.</param>
    /// <param name="now">When the analysis is made; later ones are not looked at.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    ValueTask<IReadOnlyList<RcaPattern>> ReadAsync(
        Guid incidentId, IEnumerable<string> tools, DateTimeOffset now, CancellationToken cancellationToken = default);
}
