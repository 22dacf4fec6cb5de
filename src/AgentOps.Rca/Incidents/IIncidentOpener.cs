namespace AgentOps.Rca.Incidents;

/// <summary>Opens incidents: the one way in for them, whoever asks.</summary>
public interface IIncidentOpener
{
    /// <summary>Opens an incident. Repeating the call is safe when it has an id or an idempotency key.</summary>
    /// <param name="incident">What went wrong.</param>
    /// <param name="cancellationToken">Cancels the call; whether the incident is stored is then unknown.</param>
    ValueTask<IncidentOutcome> OpenAsync(NewIncident incident, CancellationToken cancellationToken = default);
}
