namespace AgentOps.Rca.Importing;

/// <summary>How an import ended: exactly one of the records below.</summary>
public abstract record ImportOutcome
{
    private ImportOutcome()
    {
    }

    /// <summary>What could be read is stored.</summary>
    /// <param name="Import">What was new, what was known, and what was left out.</param>
    public sealed record Imported(FileImport Import) : ImportOutcome;

    /// <summary>Nothing in the file is a trace of a known format. Nothing was written.</summary>
    /// <param name="Reason">What was found instead, in a sentence.</param>
    /// <param name="Place">Where; null is the whole file.</param>
    public sealed record NotUnderstood(string Reason, FilePlace? Place) : ImportOutcome;

    /// <summary>The file holds more than is taken, or is packed as no honest file is. What was read before that place may be stored.</summary>
    /// <param name="Reason">Which bound, in a sentence.</param>
    /// <param name="Place">Where.</param>
    public sealed record TooLarge(string Reason, FilePlace? Place) : ImportOutcome;

    /// <summary>The incident that was named is not there. Nothing was written.</summary>
    /// <param name="IncidentId">Its id.</param>
    public sealed record UnknownIncident(Guid IncidentId) : ImportOutcome;

    /// <summary>The incident cannot be opened as the request says. Nothing was written.</summary>
    /// <param name="Member">The member of the request.</param>
    /// <param name="Reason">What it must be, in a sentence.</param>
    public sealed record Invalid(string Member, string Reason) : ImportOutcome;
}
