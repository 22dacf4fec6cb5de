using AgentOps.Rca.Approvals;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Tests.Replay;

namespace AgentOps.Rca.Tests.Approvals;

public sealed class FourEyesTests
{
    [Theory]
    [InlineData("bob", "ada", true)]
    [InlineData("bob", "Bob ", false)]
    [InlineData("bob", "ＢＯＢ", false)]
    [InlineData("José", "Jose\u0301", false)]
    [InlineData("bob", null, false)]
    [InlineData(null, "ada", false)]
    public async Task Under_the_rule_only_another_authenticated_identity_can_approve(string? asked, string? approver, bool allowed)
    {
        var recorded = await AnalyzedAsync(Proven(asked));
        recorded.Options.FourEyes = true;

        var outcome = await recorded.Approvals.DecideAsync(new ApprovalRequest { IncidentId = recorded.Incident.Id, Approver = Proven(approver) });

        if (allowed)
        {
            var approval = Assert.IsType<ApprovalOutcome.Recorded>(outcome).Approval;
            Assert.Equal((asked, true), (approval.RequestedBy, approval.FourEyes));
            Assert.Equal((Proven(asked), Proven(approver)), (approval.Requester, approval.Approver));
        }
        else
        {
            Assert.Contains("rule of four eyes", Assert.IsType<ApprovalOutcome.NotAllowed>(outcome).Reason, StringComparison.Ordinal);
            Assert.Null((await recorded.Approvals.ReadAsync(recorded.Incident.Id))!.Latest);
        }
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Under_the_rule_a_name_that_is_only_claimed_is_no_person(bool askedIsProven, bool approverIsProven)
    {
        var recorded = await AnalyzedAsync(askedIsProven ? Proven("bob") : Actor.Claimed("bob"));
        recorded.Options.FourEyes = true;

        var outcome = await recorded.Approvals.DecideAsync(
            new ApprovalRequest { IncidentId = recorded.Incident.Id, Approver = approverIsProven ? Proven("ada") : Actor.Claimed("ada") });

        Assert.Contains("authenticated", Assert.IsType<ApprovalOutcome.NotAllowed>(outcome).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Under_the_rule_nothing_is_approved_without_a_report()
    {
        var recorded = await RecordedIncident.CreateAsync();
        recorded.Options.FourEyes = true;

        var outcome = await recorded.Approvals.DecideAsync(new ApprovalRequest { IncidentId = recorded.Incident.Id, Approver = Proven("ada") });

        Assert.Contains("a report is approved", Assert.IsType<ApprovalOutcome.NotAllowed>(outcome).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_one_who_asked_may_reject()
    {
        var recorded = await AnalyzedAsync(Proven("bob"));
        recorded.Options.FourEyes = true;

        Assert.IsType<ApprovalOutcome.Recorded>(await recorded.Approvals.DecideAsync(
            new ApprovalRequest { IncidentId = recorded.Incident.Id, ApprovedBy = "bob", Decision = ApprovalDecision.Rejected }));
    }

    [Fact]
    public async Task Without_the_rule_the_one_who_asked_may_approve()
    {
        var recorded = await AnalyzedAsync(Proven("bob"));

        Assert.IsType<ApprovalOutcome.Recorded>(
            await recorded.Approvals.DecideAsync(new ApprovalRequest { IncidentId = recorded.Incident.Id, ApprovedBy = "bob" }));
    }

    [Fact]
    public async Task The_bundle_says_who_decided_who_asked_and_why_and_a_newer_report_makes_it_stale()
    {
        var recorded = await AnalyzedAsync(Proven("bob"));
        recorded.Options.FourEyes = true;
        await recorded.Approvals.DecideAsync(new ApprovalRequest { IncidentId = recorded.Incident.Id, Approver = Proven("ada"), Note = "Read it." });

        var approved = (await recorded.VerifyAsync(await recorded.ExportAsync())).Checks.Approved;
        await recorded.AnalyzeAsync();
        var stale = (await recorded.VerifyAsync(await recorded.ExportAsync())).Checks.Approved;
        await recorded.Approvals.DecideAsync(
            new ApprovalRequest { IncidentId = recorded.Incident.Id, ApprovedBy = "eve", Note = "Not proved.", Decision = ApprovalDecision.Rejected });
        var rejected = (await recorded.VerifyAsync(await recorded.ExportAsync())).Checks.Approved;

        Assert.True(approved.Ok);
        Assert.StartsWith("Approved by ada (authenticated by test) on ", approved.Detail, StringComparison.Ordinal);
        Assert.EndsWith("The analysis was asked for by bob (authenticated by test), somebody else by rule. Note: Read it.", approved.Detail, StringComparison.Ordinal);
        Assert.False(stale.Ok);
        Assert.Contains("Approved by ada (authenticated by test), but for the report", stale.Detail, StringComparison.Ordinal);
        Assert.False(rejected.Ok);
        Assert.Contains("Rejected by eve (claimed)", rejected.Detail, StringComparison.Ordinal);
        Assert.EndsWith("Note: Not proved.", rejected.Detail, StringComparison.Ordinal);
    }

    private static async Task<RecordedIncident> AnalyzedAsync(Actor? requester)
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        await recorded.AnalyzeAsync(requester);
        return recorded;
    }

    private static Actor? Proven(string? name) => name is null ? null : new Actor(name) { Authenticated = true, Scheme = "test" };
}
