namespace AgentOps.Rca.Auditing;

/// <summary>Records who did what, as spans of their own beside those of incidents, and as events of the log.</summary>
public interface IAuditTrail
{
    /// <summary>Records an entry; it is durable when the call returns.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="cancellationToken">Cancels the call; whether it is recorded is then unknown.</param>
    ValueTask RecordAsync(AuditEntry entry, CancellationToken cancellationToken = default);

    /// <summary>Lists what is recorded, oldest first, reading on as the caller enumerates.</summary>
    /// <param name="query">Which entries.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    IAsyncEnumerable<AuditRecord> ListAsync(AuditQuery query, CancellationToken cancellationToken = default);
}
