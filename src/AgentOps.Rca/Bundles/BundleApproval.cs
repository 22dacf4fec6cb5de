using AgentOps.Rca.Approvals;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Bundles;

/// <summary>Whether a person has approved the latest report of a bundle.</summary>
internal static class BundleApproval
{
    public static async ValueTask<BundleCheck> CheckAsync(
        BundleStores stores, Guid incidentId, IReadOnlyCollection<VerificationKey> trusted, IReadOnlyList<string> claimed, CancellationToken cancellationToken)
    {
        var (state, records) = await ApprovalReader.ReadAsync(stores, incidentId, cancellationToken).ConfigureAwait(false);
        var faults = FindFaults(records, trusted, claimed);
        if (faults.Count > 0)
        {
            return new BundleCheck(false, string.Join(' ', faults));
        }

        if (state.Latest is not { } decision)
        {
            return new BundleCheck(false, "Nobody has decided on it.");
        }

        var word = decision.Decision == ApprovalDecision.Approved ? "Approved" : "Rejected";
        var by = decision.Approver is { } person ? $" by {person.Describe()}" : "";
        var report = decision.ReportDigest is { } digest ? $"the report {digest}" : "the incident without a report";
        var asked = decision.Requester is { } requester ? $" The analysis was asked for by {requester.Describe()}{(decision.FourEyes ? SomebodyElse(decision) : "")}." : "";
        var note = decision.Note is { } text ? $" Note: {text}" : "";
        return state.IsStale
            ? new BundleCheck(false, $"{word}{by}, but for {report}; the latest report is {state.LatestReportDigest ?? "none"}.{asked}{note}")
            : new BundleCheck(state.IsApproved, $"{word}{by} on {UtcTimestampConverter.Format(decision.DecidedAt)}, for {report}.{asked}{note}");
    }

    // What the host found that exported it, and what the signatures of the decisions themselves say. A decision without one may be an old one.
    private static List<string> FindFaults(IEnumerable<Span> records, IReadOnlyCollection<VerificationKey> trusted, IReadOnlyList<string> claimed)
    {
        List<string> faults = [.. claimed];
        foreach (var span in records)
        {
            if (ApprovalSpan.Read(span) is not null && DecisionChecks.FindIn(span, trusted) is { IsFault: true } fault && !faults.Contains(fault.Message))
            {
                faults.Add(fault.Message);
            }
        }

        return faults;
    }

    // The rule held two names against each other; that they are two people follows only where both were proven.
    private static string SomebodyElse(Approval decision) => decision is { Approver.Authenticated: true, Requester.Authenticated: true }
        ? ", somebody else by rule"
        : ", another name by rule, which is no proof of another person";
}
