namespace AgentOps.Rca.Incidents;

/// <summary>
/// Where incidents are kept. Implementations are safe for concurrent use by many callers and many hosts.
/// A store that cannot be reached throws <see cref="StoreUnavailableException"/>.
/// </summary>
public interface IIncidentStore
{
    /// <summary>Stores an incident unless its id is taken. Comparison follows <see cref="Incident.IsSameAs"/>.</summary>
    /// <param name="incident">The incident; its <see cref="Incident.Details"/> must be a JSON object.</param>
    /// <param name="cancellationToken">Cancels the call; whether the write happened is then unknown, and repeating it is safe.</param>
    ValueTask<WriteOutcome> AddAsync(Incident incident, CancellationToken cancellationToken = default);

    /// <summary>The incident with this id, or null.</summary>
    /// <param name="id">The incident's id.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    ValueTask<Incident?> GetAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>Lists incidents newest first, reading on as the caller enumerates.</summary>
    /// <param name="query">Filters, the place to go on from, and the limit.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    IAsyncEnumerable<Incident> ListAsync(IncidentQuery query, CancellationToken cancellationToken = default);

    /// <summary>Sets the status if it is still <paramref name="expected"/> (compare-and-set).</summary>
    /// <param name="id">The incident's id.</param>
    /// <param name="expected">The status it must have for the write to happen.</param>
    /// <param name="status">The status to set.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>True when this call changed the status; false when it had another one or the incident does not exist.</returns>
    ValueTask<bool> TrySetStatusAsync(Guid id, string expected, string status, CancellationToken cancellationToken = default);
}
