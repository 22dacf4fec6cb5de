using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class RepeatedStepDetectorTests
{
    [Fact]
    public async Task A_loop_that_brought_nothing_new_and_no_answer_is_a_cause()
    {
        var finding = Assert.Single(await Calls(6, _ => """{"rows":[1]}""", answer: null).FindAsync(new RepeatedStepDetector()));

        Assert.Equal(("loop", "step:t0", Proof.Failure), (finding.Category, finding.Place, finding.Proof));
        Assert.Contains("was called 6 times with the same arguments", finding.Cause, StringComparison.Ordinal);
        Assert.Contains("each time with the same result", finding.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Polling_until_it_is_done_is_no_sign_of_anything()
    {
        Assert.Empty(await Calls(6, i => $$"""{"state":"{{(i < 5 ? "running" : "done")}}"}""", "It is ready.").FindAsync(new RepeatedStepDetector()));

        var findings = await Calls(6, _ => """{"state":"running"}""", "It is ready.").FindAsync(new RepeatedStepDetector());
        Assert.NotEmpty(findings);
        Assert.All(findings, finding => Assert.Equal(Proof.Hint, finding.Proof));
    }

    [Fact]
    public async Task Different_answers_to_the_same_arguments_are_a_hint_unless_something_was_changed_in_between()
    {
        var finding = Assert.Single(await Calls(2, i => $$"""{"price":{{i}}}""", "So.").FindAsync(new RepeatedStepDetector()));
        var changed = new CaseBuilder().Call("run", "agent.run/a", 0, 99).Tool("a", "get_price", 1, 2, "{}", "1").Tool("b", "set_price", 3, 4, "{}", "2").Tool("c", "get_price", 5, 6, "{}", "2");

        Assert.Equal(("inconsistent_results", Proof.Hint), (finding.Category, finding.Proof));
        Assert.Empty(await changed.FindAsync(new RepeatedStepDetector()));
    }

    [Fact]
    public async Task Answers_that_differ_in_their_envelope_alone_are_the_same() => Assert.Empty(await Calls(
        2, i => $$$"""{"lc":1,"id":["ToolMessage"],"kwargs":{"content":"7 C","tool_call_id":"c{{{i}}}"}}""", "It is 7 C.").FindAsync(new RepeatedStepDetector()));

    private static CaseBuilder Calls(int count, Func<int, string> result, string? answer)
    {
        var run = new CaseBuilder().Call("run", "agent.run/a", 0, 99).Model("m", 0, 0.5, [Chat.User("go")], Chat.Asks("c", "other", "{}"));
        for (var i = 0; i < count; i++)
        {
            run.Tool($"t{i}", "get_rows", 1 + i, 1.5 + i, """{"q":1}""", result(i));
        }

        return answer is null ? run : run.Model("end", 50, 51, [Chat.User("go")], Chat.Answers(answer));
    }
}
