namespace AgentOps.Rca.Incidents;

/// <summary>What became of an incident that was to be opened.</summary>
public abstract record IncidentOutcome
{
    private IncidentOutcome()
    {
    }

    /// <summary>It is stored now.</summary>
    /// <param name="Incident">The incident.</param>
    public sealed record Opened(Incident Incident) : IncidentOutcome;

    /// <summary>It was stored before, by the same call.</summary>
    /// <param name="Incident">The incident as it stands; its status may have changed since.</param>
    public sealed record AlreadyOpened(Incident Incident) : IncidentOutcome;

    /// <summary>Another incident is stored under its id, and stays.</summary>
    /// <param name="Id">The id.</param>
    public sealed record IdTaken(Guid Id) : IncidentOutcome;

    /// <summary>Its idempotency key was used for another incident, which stays.</summary>
    /// <param name="Id">The id of that incident.</param>
    public sealed record KeyReused(Guid Id) : IncidentOutcome;

    /// <summary>It cannot be stored; nothing was.</summary>
    /// <param name="Problems">What is wrong with it, by member.</param>
    public sealed record Invalid(IReadOnlyList<IncidentProblem> Problems) : IncidentOutcome;
}

/// <summary>What is wrong with a member of an incident that was to be opened.</summary>
/// <param name="Member">The member's name, such as <c>order_id</c>.</param>
/// <param name="Message">What it must be, as a sentence.</param>
public sealed record IncidentProblem(string Member, string Message);
