using AgentOps.Rca.Analysis;
using AgentOps.Rca.Tests.OpenTelemetry;

namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

/// <summary>Attempts that were overcome within a call, and calls that were made side by side so that the first answer counts.</summary>
public sealed class SiblingsTests
{
    public static TheoryData<Convention> Conventions => [.. Enum.GetValues<Convention>()];

    [Theory]
    [MemberData(nameof(Conventions))]
    public async Task A_branch_that_was_cancelled_because_another_answered_is_no_cause_whichever_began_first(Convention convention)
    {
        foreach (var (loser, winner) in ((double, double)[])[(1, 1.004), (1.004, 1)])
        {
            var report = await Race(convention, loser, winner, """{"isin":"NL0011585146","venue":"Amsterdam"}""", "cancelled: another source answered first").AnalyzeAsync();

            Assert.Equal(RcaVerdict.Inconclusive, report.Verdict);
        }
    }

    [Theory]
    [MemberData(nameof(Conventions))]
    public async Task A_branch_that_failed_while_none_answered_is_the_cause(Convention convention)
    {
        var report = await Race(convention, 1.004, 1, "{}", "the directory is closed for maintenance", "I could not find the fund.").AnalyzeAsync();

        Assert.Equal(RcaVerdict.Identified, report.Verdict);
        Assert.Contains("directory_north", report.RootCause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_answered_beside_it_is_not_said_to_have_been_called_instead()
    {
        var report = await Race(Convention.GenAi, 1.004, 1, """{"isin":"NL0011585146"}""", "cancelled: another source answered first").AnalyzeAsync();

        Assert.Contains("tool.call/directory_south, made beside it, answered", report.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_changes_side_by_side_are_both_wanted()
    {
        var report = await new AgentTrace(Convention.GenAi).Asked("Tell Ada by mail and by text message that the lift is out of order.")
            .Calls(("c1", "send_mail", """{"to":"ada","text":"out of order"}"""), ("c2", "send_text", """{"to":"ada","text":"out of order"}"""))
            .Runs("c1", "send_mail", """{"to":"ada","text":"out of order"}""", """{"sent":true}""", from: 1)
            .Runs("c2", "send_text", """{"to":"ada","text":"out of order"}""", null, "gateway refused the connection", from: 1.01)
            .Answers("Ada has been told by mail and by text message.").AnalyzeAsync();

        Assert.Equal(RcaVerdict.Identified, report.Verdict);
        Assert.Contains("tool.call/send_text failed", report.RootCause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_attempt_below_a_call_that_was_made_again_and_answered_is_no_failure_of_the_call()
    {
        var report = await Reconnected("""{"open":3}""", again: null).AnalyzeAsync();

        Assert.Equal(RcaVerdict.Inconclusive, report.Verdict);
        Assert.DoesNotContain("tool.call/count_tickets failed", report.Summary, StringComparison.Ordinal);
        Assert.DoesNotContain("Nothing is recorded as failed", report.Summary, StringComparison.Ordinal);
        Assert.Contains("1 span is recorded as failed", report.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_attempt_that_failed_again_is_one()
    {
        var report = await Reconnected(null, again: "the stream ended").AnalyzeAsync();

        Assert.Equal(RcaVerdict.Identified, report.Verdict);
        Assert.Contains("tool.call/count_tickets failed", report.RootCause, StringComparison.Ordinal);
    }

    private static AgentTrace Reconnected(string? result, string? again)
    {
        const string attributes = """{"mcp.method.name":"tools/call","gen_ai.tool.name":"count_tickets"}""";
        return new AgentTrace(Convention.GenAi).Asked("How many tickets are open?").Calls(("c1", "count_tickets", """{"desk":"north"}"""))
            .Runs("c1", "count_tickets", """{"desk":"north"}""", result, again)
            .Below(new OtlpRecord("tools/call count_tickets", attributes) { Error = "the stream ended" }, 1.1, 1.2)
            .Below(new OtlpRecord("tools/call count_tickets", attributes) { Error = again }, 1.4, 1.6)
            .Answers(result is null ? "The tickets cannot be counted now." : "3 tickets are open.");
    }

    private static AgentTrace Race(Convention convention, double loser, double winner, string result, string error, string answer = "The fund trades in Amsterdam.") =>
        new AgentTrace(convention, "Ask all directories and take the first answer.").Asked("Where does the fund of Delta trade?")
            .Calls(("c1", "directory_north", """{"name":"Delta"}"""), ("c2", "directory_south", """{"name":"Delta"}"""))
            .Runs("c1", "directory_north", """{"name":"Delta"}""", null, error, from: loser)
            .Runs("c2", "directory_south", """{"name":"Delta"}""", result, seconds: 0.5, from: winner)
            .Answers(answer);
}
