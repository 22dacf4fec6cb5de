using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Approvals;

/// <summary>Reads where an incident stands out of its spans.</summary>
internal static class ApprovalReader
{
    /// <param name="spans">The spans.</param>
    /// <param name="incidentId">The incident.</param>
    /// <param name="checks">Checks the records of decisions; null checks none.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async ValueTask<ApprovalState> ReadAsync(ISpanStore spans, Guid incidentId, DecisionChecks? checks, CancellationToken cancellationToken)
    {
        var (state, records) = await ReadAsync(spans, incidentId, cancellationToken).ConfigureAwait(false);
        return checks is null ? state : state with { Findings = await checks.FindAsync(incidentId, records, cancellationToken).ConfigureAwait(false) };
    }

    /// <summary>Where it stands, unchecked, and the spans that say so: all of the incident that are no evidence.</summary>
    public static async ValueTask<(ApprovalState State, IReadOnlyList<Span> Records)> ReadAsync(ISpanStore spans, Guid incidentId, CancellationToken cancellationToken)
    {
        var tally = new ApprovalTally();
        List<Span> records = [];
        await foreach (var span in spans.ListAsync(
            new SpanQuery { IncidentId = incidentId.ToString("D"), IsEvidence = false }, cancellationToken).ConfigureAwait(false))
        {
            tally.Add(span);
            records.Add(span);
        }

        return (tally.Build(), records);
    }
}
