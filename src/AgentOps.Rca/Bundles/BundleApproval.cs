using AgentOps.Rca.Approvals;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Bundles;

/// <summary>Whether a person has approved the latest report of a bundle.</summary>
internal static class BundleApproval
{
    public static async ValueTask<BundleCheck> CheckAsync(BundleStores stores, Guid incidentId, CancellationToken cancellationToken)
    {
        var state = await ApprovalReader.ReadAsync(stores, incidentId, cancellationToken).ConfigureAwait(false);
        if (state.Latest is not { } decision)
        {
            return new BundleCheck(false, "Nobody has decided on it.");
        }

        var word = decision.Decision == ApprovalDecision.Approved ? "Approved" : "Rejected";
        var by = decision.ApprovedBy is { } person ? $" by {person}" : "";
        var report = decision.ReportDigest is { } digest ? $"the report {digest}" : "the incident without a report";
        var asked = decision.RequestedBy is { } requester ? $" The analysis was asked for by {requester}{(decision.FourEyes ? ", somebody else by rule" : "")}." : "";
        var note = decision.Note is { } text ? $" Note: {text}" : "";
        return state.IsStale
            ? new BundleCheck(false, $"{word}{by}, but for {report}; the latest report is {state.LatestReportDigest ?? "none"}.{asked}{note}")
            : new BundleCheck(state.IsApproved, $"{word}{by} on {UtcTimestampConverter.Format(decision.DecidedAt)}, for {report}.{asked}{note}");
    }
}
