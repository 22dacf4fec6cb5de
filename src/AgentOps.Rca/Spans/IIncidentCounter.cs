namespace AgentOps.Rca.Spans;

/// <summary>Counts what belongs to an incident.</summary>
public interface IIncidentCounter
{
    /// <summary>How much belongs to an incident now; nothing when there is no such incident.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    ValueTask<IncidentCounts> CountAsync(Guid incidentId, CancellationToken cancellationToken = default);
}
