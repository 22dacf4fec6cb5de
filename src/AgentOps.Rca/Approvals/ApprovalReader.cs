using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Approvals;

/// <summary>Reads where an incident stands out of its spans.</summary>
internal static class ApprovalReader
{
    public static async ValueTask<ApprovalState> ReadAsync(ISpanStore spans, Guid incidentId, CancellationToken cancellationToken)
    {
        var tally = new ApprovalTally();
        await foreach (var span in spans.ListAsync(
            new SpanQuery { IncidentId = incidentId.ToString("D"), IsEvidence = false }, cancellationToken).ConfigureAwait(false))
        {
            tally.Add(span);
        }

        return tally.Build();
    }
}
