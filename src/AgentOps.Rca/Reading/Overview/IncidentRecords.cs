using AgentOps.Rca.Approvals;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>The analyses of many incidents and the decisions on them.</summary>
internal static class IncidentRecords
{
    public static async ValueTask<IReadOnlyDictionary<Guid, ApprovalTally>> ReadAsync(
        ISpanStore spans, IReadOnlyCollection<Guid> incidents, CancellationToken cancellationToken)
    {
        var records = incidents.ToDictionary(static id => id, static _ => new ApprovalTally());
        foreach (var (id, tally) in records)
        {
            await foreach (var span in spans.ListAsync(
                new SpanQuery { IncidentId = id.ToString("D"), IsEvidence = false }, cancellationToken).ConfigureAwait(false))
            {
                tally.Add(span);
            }
        }

        return records;
    }
}
