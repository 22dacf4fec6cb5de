namespace AgentOps.Rca.Reading;

/// <summary>Which post-mortem is wanted.</summary>
public sealed record PostmortemQuery
{
    /// <summary>The incident.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary>The report, as 64 hexadecimal digits; null is the latest.</summary>
    public string? ReportDigest { get; init; }

    /// <summary>What the file is called that an imported run was read from; null where that is not known, since no store keeps it.</summary>
    public string? FileName { get; init; }

    /// <summary>Whether to replay the incident strictly and to say what came out; it takes as long as there is much recorded.</summary>
    public bool Replay { get; init; }
}

/// <summary>What became of the wish for a post-mortem: exactly one of the records below.</summary>
public abstract record PostmortemOutcome
{
    private PostmortemOutcome()
    {
    }

    /// <summary>The document.</summary>
    /// <param name="Markdown">CommonMark; what came from outside is escaped in it.</param>
    /// <param name="ReportDigest">The report that it is about; null when the incident has not been analysed, which the document then says.</param>
    public sealed record Written(string Markdown, string? ReportDigest) : PostmortemOutcome;

    /// <summary>There is no such incident.</summary>
    /// <param name="IncidentId">The id asked for.</param>
    public sealed record IncidentNotFound(Guid IncidentId) : PostmortemOutcome;

    /// <summary>The incident has no such report, or its bytes are missing or are not what was stored.</summary>
    /// <param name="Reason">Which of them, in a sentence.</param>
    public sealed record ReportNotFound(string Reason) : PostmortemOutcome;
}
