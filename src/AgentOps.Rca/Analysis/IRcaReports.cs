using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis;

/// <summary>Reads recorded analyses back.</summary>
public interface IRcaReports
{
    /// <summary>The spans of an incident's analyses, the latest first.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    ValueTask<IReadOnlyList<Span>> ListSpansAsync(Guid incidentId, CancellationToken cancellationToken = default);

    /// <summary>The digest of the latest report, or null when there is none.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    ValueTask<string?> FindLatestDigestAsync(Guid incidentId, CancellationToken cancellationToken = default);

    /// <summary>The reports of an incident, the latest first. One whose bytes are missing or do not match their digest is left out.</summary>
    /// <param name="incidentId">The incident's id.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    IAsyncEnumerable<RcaReport> ListAsync(Guid incidentId, CancellationToken cancellationToken = default);

    /// <summary>The report that an analysis' span points at, or null when its bytes are missing or do not match their digest.</summary>
    /// <param name="analysis">The span of an analysis.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    ValueTask<RcaReport?> ReadAsync(Span analysis, CancellationToken cancellationToken = default);
}
