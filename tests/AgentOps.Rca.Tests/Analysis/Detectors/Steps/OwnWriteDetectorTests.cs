using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class OwnWriteDetectorTests
{
    [Fact]
    public async Task A_write_that_came_too_early_is_why_a_later_one_to_the_same_record_was_refused()
    {
        var finding = Assert.Single(await Run("Change the address of W-1001, and cancel it.", "W-1001").FindAsync(new OwnWriteDetector()));

        Assert.Equal(("order_of_calls", "step:m1", Proof.Causal), (finding.Category, finding.Place, finding.Proof));
        Assert.Contains("was refused", finding.Cause, StringComparison.Ordinal);
        Assert.Contains("both had been asked for before, so tool.call/cancel_order was called too early", finding.Cause, StringComparison.Ordinal);
        Assert.Contains("t2", finding.Explains);
    }

    [Fact]
    public async Task What_was_asked_for_only_afterwards_is_the_refused_calls_own() =>
        Assert.Equal("step:m2", Assert.Single(await Run("Cancel W-1001.", "W-1001").FindAsync(new OwnWriteDetector())).Place);

    [Fact]
    public async Task A_write_to_another_record_explains_nothing() =>
        Assert.Empty(await Run("Change the address of W-1001, and cancel W-2002.", "W-2002").FindAsync(new OwnWriteDetector()));

    private static CaseBuilder Run(string request, string cancelled) => new CaseBuilder().Call("run", "agent.run/a", 0, 9)
        .Model("m1", 0, 1, [Chat.User(request)], Chat.Asks("c1", "cancel_order", $$"""{"id":"{{cancelled}}"}"""))
        .Tool("t1", "cancel_order", 1, 2, $$"""{"id":"{{cancelled}}"}""", """{"ok":true}""", "c1")
        .Model("m2", 3, 4, [Chat.User(request), Chat.Told("c1", """{"ok":true}""")], Chat.Asks("c2", "modify_order_address", """{"id":"W-1001","street":"Elm 2"}"""))
        .Tool("t2", "modify_order_address", 4, 5, """{"id":"W-1001","street":"Elm 2"}""", "Error: the order is already cancelled", "c2")
        .Model("m3", 6, 7, [Chat.User(request), Chat.Told("c2", "Error: the order is already cancelled")], Chat.Answers("Sorry, that is not possible."));
}
