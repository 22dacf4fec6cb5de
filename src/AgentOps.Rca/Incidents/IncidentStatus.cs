namespace AgentOps.Rca.Incidents;

/// <summary>The status words that the library itself sets or reads; any other text is a user's own.</summary>
public static class IncidentStatus
{
    /// <summary>Not decided yet; the default.</summary>
    public const string Open = "open";

    /// <summary>A person has signed off the latest report.</summary>
    public const string Approved = "approved";

    /// <summary>A person has turned the latest report down.</summary>
    public const string Rejected = "rejected";
}
