using AgentOps.Rca.Identity;

namespace AgentOps.Rca.Approvals;

/// <summary>
/// The rule of four eyes: who asked for an analysis does not approve its report. What is not known is no proof: it asks for two identities
/// that were authenticated, since anybody can claim any name.
/// </summary>
internal static class FourEyesRule
{
    /// <summary>Why an approval is not allowed, in a sentence, or null.</summary>
    /// <param name="approver">Who approves.</param>
    /// <param name="hasReport">Whether there is a report to approve.</param>
    /// <param name="requester">Who asked for its analysis.</param>
    public static string? FindProblem(Actor? approver, bool hasReport, Actor? requester) =>
        approver is not { Authenticated: true, Name: { } name } || string.IsNullOrWhiteSpace(name)
            ? "Under the rule of four eyes an approval must come from an identity that is authenticated; a name that is only claimed (approved_by) proves nothing."
        : !hasReport ? "Under the rule of four eyes a report is approved, and the incident has none yet; have it analysed first."
        : requester is not { Name: { } asked } || string.IsNullOrWhiteSpace(asked)
            ? "Under the rule of four eyes the analysis must say who asked for it; this one does not. Have the incident analysed again by somebody who is authenticated."
        : !requester.Authenticated
            ? $"Under the rule of four eyes who asked for the analysis must be authenticated, and {asked} is only a claimed name. Have the incident analysed again by somebody who is authenticated."
        : PersonNames.AreTheSame(name, asked) ? $"Under the rule of four eyes {asked}, who asked for the analysis, cannot approve its report."
        : null;
}
