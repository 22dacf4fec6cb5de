namespace AgentOps.Rca.Reading;

/// <summary>
/// What people ask of incidents, ready to be shown: a page, an MCP server and a tool say the same because they ask here. Nothing is
/// written, and nothing that is read is older than the stores.
/// </summary>
public interface IIncidentReader
{
    /// <summary>A page of the list of incidents.</summary>
    /// <param name="query">Filters, the place to go on from, and the limit.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    ValueTask<IncidentOverviewPage> ListAsync(IncidentOverviewQuery query, CancellationToken cancellationToken = default);

    /// <summary>The bytes that a claim of a report rests on.</summary>
    /// <param name="query">Which evidence of which report.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    ValueTask<EvidenceOutcome> ReadEvidenceAsync(EvidenceQuery query, CancellationToken cancellationToken = default);

    /// <summary>A report as a document for people, in Markdown.</summary>
    /// <param name="query">Which report, and whether the incident is replayed for it.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    ValueTask<PostmortemOutcome> WritePostmortemAsync(PostmortemQuery query, CancellationToken cancellationToken = default);
}
