using AgentOps.Rca.Approvals;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Reading;

/// <summary>The analyses of many incidents and the decisions on them, in one listing.</summary>
internal static class IncidentRecords
{
    public static async ValueTask<IReadOnlyDictionary<Guid, ApprovalTally>> ReadAsync(
        ISpanStore spans, IReadOnlyCollection<Guid> incidents, CancellationToken cancellationToken)
    {
        var records = incidents.ToDictionary(static id => id, static _ => new ApprovalTally());
        await foreach (var span in spans.ListFindingsAsync([.. records.Keys.Select(static id => id.ToString("D"))], cancellationToken).ConfigureAwait(false))
        {
            if (Guid.TryParseExact(span.IncidentId, "D", out var id) && records.TryGetValue(id, out var tally))
            {
                tally.Add(span);
            }
        }

        return records;
    }
}
