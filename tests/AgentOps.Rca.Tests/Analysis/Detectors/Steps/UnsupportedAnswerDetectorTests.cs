using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class UnsupportedAnswerDetectorTests
{
    [Fact]
    public async Task Facts_in_an_answer_for_which_all_searches_found_nothing_are_invented()
    {
        var finding = Assert.Single(await Search("[]", "The warranty lasts 24 months.").FindAsync(new UnsupportedAnswerDetector()));

        Assert.Equal(("invented_answer", "step:m2", Proof.Provenance), (finding.Category, finding.Place, finding.Proof));
        Assert.Contains("“24 months” does not occur in anything that the run had seen", finding.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "I found no result on the warranty.")]
    [InlineData("[]", "The handbook is silent on that.")]
    [InlineData("""[{"text":"24 months"}]""", "The warranty lasts 24 months.")]
    public async Task An_answer_that_says_so_or_that_rests_on_a_result_is_no_finding(string result, string answer) =>
        Assert.Empty(await Search(result, answer).FindAsync(new UnsupportedAnswerDetector()));

    [Fact]
    public async Task A_claim_to_have_done_what_no_call_did_is_told()
    {
        var finding = Assert.Single(await Claim(calls: false).FindAsync(new UnsupportedAnswerDetector()));

        Assert.Equal(("claimed_without_action", "step:m2"), (finding.Category, finding.Place));
        Assert.Contains("but send_email, which it was offered for that, was never called in this run", finding.Cause, StringComparison.Ordinal);
        Assert.Empty(await Claim(calls: true).FindAsync(new UnsupportedAnswerDetector()));
    }

    private static CaseBuilder Search(string result, string answer) => new CaseBuilder().Call("run", "agent.run/a", 0, 9)
        .Model("m1", 0, 1, [Chat.User("How long is the warranty?")], Chat.Asks("c1", "search", """{"q":"warranty"}"""))
        .Tool("t1", "search", 1, 2, """{"q":"warranty"}""", result, "c1")
        .Model("m2", 3, 4, [Chat.User("How long is the warranty?"), Chat.Told("c1", result)], Chat.Answers(answer));

    private static CaseBuilder Claim(bool calls)
    {
        var tool = calls ? "send_email" : "get_address";
        return new CaseBuilder().Call("run", "agent.run/a", 0, 9)
            .Model("m1", 0, 1, [Chat.User("Mail it to me.")], Chat.Asks("c1", tool, "{}"), [Chat.Tool("send_email"), Chat.Tool("get_address")])
            .Tool("t1", tool, 1, 2, "{}", """{"ok":true}""", "c1")
            .Model("m2", 3, 4, [Chat.User("Mail it to me."), Chat.Told("c1", """{"ok":true}""")], Chat.Answers("I have sent the email to you."), [Chat.Tool("send_email"), Chat.Tool("get_address")]);
    }
}
