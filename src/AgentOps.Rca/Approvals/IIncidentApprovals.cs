namespace AgentOps.Rca.Approvals;

/// <summary>Records what people decide on reports, and reads where incidents stand.</summary>
public interface IIncidentApprovals
{
    /// <summary>Records a decision. Repeating the call is safe.</summary>
    /// <param name="request">The decision.</param>
    /// <param name="cancellationToken">Cancels the call; whether the decision is recorded is then unknown.</param>
    ValueTask<ApprovalOutcome> DecideAsync(ApprovalRequest request, CancellationToken cancellationToken = default);

    /// <summary>Where an incident stands, or null when there is no such incident.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    ValueTask<ApprovalState?> ReadAsync(Guid incidentId, CancellationToken cancellationToken = default);
}
