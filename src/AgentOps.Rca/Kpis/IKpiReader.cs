namespace AgentOps.Rca.Kpis;

/// <summary>Reads the figures of incidents.</summary>
public interface IKpiReader
{
    /// <summary>The figures of an incident as it stands, or null when there is no such incident.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    ValueTask<IncidentKpis?> ReadAsync(Guid incidentId, CancellationToken cancellationToken = default);
}
