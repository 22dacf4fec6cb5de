using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class UnofferedToolDetectorTests
{
    [Fact]
    public async Task A_tool_that_the_model_was_not_offered_is_blamed_on_the_model_call_that_asked_for_it()
    {
        var finding = Assert.Single(await Run("refund", """{"error":"unknown tool"}""").FindAsync(new UnofferedToolDetector()));

        Assert.Equal(("unknown_tool", "step:m1", Proof.Certain), (finding.Category, finding.Place, finding.Proof));
        Assert.Contains("called refund once, a tool that it was not offered (it was offered find). The answer was “unknown tool”.", finding.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tools_that_were_offered_also_under_a_qualified_name_are_no_finding()
    {
        Assert.Empty(await Run("find", """{"ok":true}""").FindAsync(new UnofferedToolDetector()));
        Assert.Empty(await Run("desk-find", """{"ok":true}""").FindAsync(new UnofferedToolDetector()));
        Assert.Empty(await Run("transfer_to_billing", "ok").FindAsync(new UnofferedToolDetector()));
    }

    [Fact]
    public async Task A_call_that_ran_and_succeeded_was_offered_in_some_way() => Assert.Empty(await new CaseBuilder().Call("run", "agent.run/a", 0, 9)
        .Model("m1", 0, 1, [Chat.User("go")], Chat.Asks("c1", "refund", "{}"), [Chat.Tool("find")])
        .Tool("t1", "refund", 2, 3, "{}", """{"ok":true}""", "c1").FindAsync(new UnofferedToolDetector()));

    private static CaseBuilder Run(string tool, string told) => new CaseBuilder().Call("run", "agent.run/a", 0, 9)
        .Model("m1", 0, 1, [Chat.User("go")], Chat.Asks("c1", tool, "{}"), [Chat.Tool("find")])
        .Model("m2", 2, 3, [Chat.User("go"), Chat.Asks("c1", tool, "{}"), Chat.Told("c1", told)], Chat.Answers("Well."), [Chat.Tool("find")]);
}
