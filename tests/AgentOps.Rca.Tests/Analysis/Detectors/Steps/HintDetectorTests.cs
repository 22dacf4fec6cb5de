using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

/// <summary>Signs that never carry a verdict: an objection, a run that was broken off, an empty result.</summary>
public sealed class HintDetectorTests
{
    [Theory]
    [InlineData("No, I only wanted to know the price!")]
    [InlineData("Why did you cancel my order?")]
    public async Task A_change_that_the_user_objects_to_is_a_hint(string objection)
    {
        var finding = Assert.Single(await Changed(objection).FindAsync(new ObjectionDetector()));

        Assert.Equal(("unwanted_change", "step:m1", Proof.Hint), (finding.Category, finding.Place, finding.Proof));
    }

    [Theory]
    [InlineData("Thank you!")]
    [InlineData("Perfect, and what does it cost?")]
    public async Task A_change_that_the_user_is_content_with_is_none(string words) => Assert.Empty(await Changed(words).FindAsync(new ObjectionDetector()));

    [Fact]
    public async Task A_run_whose_last_words_ask_for_a_go_ahead_is_a_hint_and_one_that_answers_is_none()
    {
        Assert.Equal(Proof.Hint, Assert.Single(await Ended("Shall I go ahead and cancel it (yes/no)?").FindAsync(new UnfinishedDetector())).Proof);
        Assert.Empty(await Ended("Your order arrives on Monday.").FindAsync(new UnfinishedDetector()));
    }

    [Fact]
    public async Task An_empty_result_of_a_search_is_a_hint_and_of_a_change_none()
    {
        Assert.Equal(("empty_result", Proof.Hint), Kind(Assert.Single(await Result("search_orders", "[]").FindAsync(new EmptyStepDetector()))));
        Assert.Empty(await Result("search_orders", """[{"id":1}]""").FindAsync(new EmptyStepDetector()));
        Assert.Empty(await Result("cancel_order", "null").FindAsync(new EmptyStepDetector()));
    }

    [Fact]
    public async Task No_hint_makes_a_verdict()
    {
        var report = await Changed("No, I only wanted to know the price!").AnalyzeAsync();

        Assert.Equal(RcaVerdict.Inconclusive, report.Verdict);
        Assert.Null(report.RootCause);
        Assert.NotEmpty(report.Hypotheses);
    }

    private static (string, Proof?) Kind(Finding finding) => (finding.Category, finding.Proof);

    private static CaseBuilder Changed(string then) => new CaseBuilder().Call("run", "agent.run/a", 0, 9)
        .Model("m1", 0, 1, [Chat.User("What about W-1001?")], Chat.Asks("c1", "cancel_order", """{"id":"W-1001"}"""))
        .Tool("t1", "cancel_order", 1, 2, """{"id":"W-1001"}""", """{"ok":true}""", "c1")
        .Model("m2", 3, 4, [Chat.User("What about W-1001?"), Chat.Told("c1", """{"ok":true}""")], Chat.Answers("It is cancelled."))
        .Model("m3", 5, 6, [Chat.User("What about W-1001?"), Chat.Answers("It is cancelled."), Chat.User(then)], Chat.Answers("I see."));

    private static CaseBuilder Ended(string words) => new CaseBuilder().Call("run", "agent.run/a", 0, 9)
        .Model("m1", 0, 1, [Chat.User("What about W-1001?")], Chat.Answers(words), [Chat.Tool("cancel_order")]);

    private static CaseBuilder Result(string tool, string result) => new CaseBuilder().Call("run", "agent.run/a", 0, 9).Tool("t1", tool, 1, 2, "{}", result);
}
