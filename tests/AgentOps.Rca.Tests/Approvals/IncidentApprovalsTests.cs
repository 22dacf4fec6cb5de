using AgentOps.Rca.Approvals;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Tests.Replay;

namespace AgentOps.Rca.Tests.Approvals;

public sealed class IncidentApprovalsTests
{
    [Fact]
    public async Task Approving_the_latest_report_records_who_and_why_and_sets_the_status()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();

        var outcome = Assert.IsType<ApprovalOutcome.Recorded>(await recorded.Approvals.DecideAsync(Request(recorded) with { Note = "ok" }));

        Assert.Equal(("ada", "ok"), (outcome.Approval.ApprovedBy, outcome.Approval.Note));
        var span = await recorded.Spans.GetAsync(outcome.Approval.SpanId);
        Assert.Equal((ToolNames.HumanApproval, outcome.Approval.ReportDigest), (span!.Tool, span.ArgsDigest));
        Assert.Equal(IncidentStatus.Approved, (await recorded.Incidents.GetAsync(recorded.Incident.Id))!.Status);
        Assert.True((await recorded.Approvals.ReadAsync(recorded.Incident.Id))!.IsApproved);
    }

    [Fact]
    public async Task The_same_approval_again_is_known_and_another_one_is_a_conflict()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        await recorded.Approvals.DecideAsync(Request(recorded));
        recorded.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.IsType<ApprovalOutcome.AlreadyRecorded>(await recorded.Approvals.DecideAsync(Request(recorded)));
        Assert.IsType<ApprovalOutcome.Conflict>(await recorded.Approvals.DecideAsync(Request(recorded) with { ApprovedBy = "bob" }));
        Assert.IsType<ApprovalOutcome.Conflict>(await recorded.Approvals.DecideAsync(Request(recorded) with { Note = "other" }));
        Assert.IsType<ApprovalOutcome.Conflict>(
            await recorded.Approvals.DecideAsync(Request(recorded) with { Decision = ApprovalDecision.Rejected }));
    }

    [Fact]
    public async Task Of_64_simultaneous_approvals_and_rejections_exactly_one_is_recorded()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(async () =>
            await recorded.Approvals.DecideAsync(Request(recorded) with
            {
                ApprovedBy = $"person {i}",
                Decision = i % 2 == 0 ? ApprovalDecision.Approved : ApprovalDecision.Rejected,
            }))));

        var winner = Assert.Single(outcomes.OfType<ApprovalOutcome.Recorded>()).Approval;
        Assert.All(outcomes.OfType<ApprovalOutcome.Conflict>(), conflict => Assert.Equal(winner, conflict.Approval));
        Assert.Equal(63, outcomes.OfType<ApprovalOutcome.Conflict>().Count());
        Assert.Equal(
            winner.Decision == ApprovalDecision.Approved ? IncidentStatus.Approved : IncidentStatus.Rejected,
            (await recorded.Incidents.GetAsync(recorded.Incident.Id))!.Status);
    }

    [Fact]
    public async Task A_report_that_is_not_the_latest_is_stale()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        var first = (await recorded.ReplayAsync()).Rca!.ReportDigest;
        var second = (await recorded.AnalyzeAsync()).Report.ReportDigest;

        Assert.Equal(
            new ApprovalOutcome.StaleReport(first!, second!),
            await recorded.Approvals.DecideAsync(Request(recorded) with { ReportDigest = first }));
        Assert.IsType<ApprovalOutcome.Recorded>(
            await recorded.Approvals.DecideAsync(Request(recorded) with { ReportDigest = $"sha256:{second!.ToUpperInvariant()}" }));
    }

    [Fact]
    public async Task A_newer_report_makes_an_approval_stale_and_can_be_decided_on_anew()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        await recorded.Approvals.DecideAsync(Request(recorded));
        await recorded.AnalyzeAsync();

        var state = await recorded.Approvals.ReadAsync(recorded.Incident.Id);
        Assert.Equal((true, false), (state!.IsStale, state.IsApproved));

        await recorded.Approvals.DecideAsync(Request(recorded) with { Decision = ApprovalDecision.Rejected });
        state = await recorded.Approvals.ReadAsync(recorded.Incident.Id);
        Assert.Equal((false, ApprovalDecision.Rejected), (state!.IsStale, state.Latest!.Decision));
        Assert.Equal(IncidentStatus.Rejected, (await recorded.Incidents.GetAsync(recorded.Incident.Id))!.Status);
    }

    [Fact]
    public async Task An_incident_without_a_report_can_be_approved_unless_one_is_named()
    {
        var recorded = await RecordedIncident.CreateAsync();

        Assert.IsType<ApprovalOutcome.NoReport>(await recorded.Approvals.DecideAsync(Request(recorded) with { ReportDigest = new string('a', 64) }));
        var outcome = Assert.IsType<ApprovalOutcome.Recorded>(await recorded.Approvals.DecideAsync(Request(recorded) with { ApprovedBy = null }));
        Assert.Null(outcome.Approval.ReportDigest);
    }

    [Fact]
    public async Task An_unknown_incident_is_told() =>
        Assert.IsType<ApprovalOutcome.IncidentNotFound>(
            await (await RecordedIncident.CreateAsync()).Approvals.DecideAsync(new ApprovalRequest { IncidentId = Samples.Id(99) }));

    [Fact]
    public async Task A_repeated_approval_mends_the_status_but_leaves_a_users_own_word()
    {
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        await recorded.Approvals.DecideAsync(Request(recorded));
        await recorded.Incidents.TrySetStatusAsync(recorded.Incident.Id, IncidentStatus.Approved, IncidentStatus.Open);
        await recorded.Approvals.DecideAsync(Request(recorded));
        Assert.Equal(IncidentStatus.Approved, (await recorded.Incidents.GetAsync(recorded.Incident.Id))!.Status);

        await recorded.Incidents.TrySetStatusAsync(recorded.Incident.Id, IncidentStatus.Approved, "archived");
        await recorded.Approvals.DecideAsync(Request(recorded));
        Assert.Equal("archived", (await recorded.Incidents.GetAsync(recorded.Incident.Id))!.Status);
    }

    private static ApprovalRequest Request(RecordedIncident recorded) => new() { IncidentId = recorded.Incident.Id, ApprovedBy = "ada" };
}
