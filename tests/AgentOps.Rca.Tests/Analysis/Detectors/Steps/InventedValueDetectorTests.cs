using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class InventedValueDetectorTests
{
    [Fact]
    public async Task An_id_that_nothing_had_given_and_that_the_tool_did_not_know_is_blamed_on_the_model_call()
    {
        var finding = Assert.Single(await Run("Who is C-2207?", "C-9914", """{"error":"customer not found"}""").FindAsync(new InventedValueDetector()));

        Assert.Equal(("invented_value", "step:m1", Proof.Provenance), (finding.Category, finding.Place, finding.Proof));
        Assert.Contains("with the id C-9914, which does not occur in anything that the run had seen before; what it had seen is C-2207", finding.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_id_that_was_given_or_that_the_tool_knows_is_no_finding()
    {
        Assert.Empty(await Run("Who is C-9914?", "C-9914", """{"error":"customer not found"}""").FindAsync(new InventedValueDetector()));
        Assert.Empty(await Run("Who is C-2207?", "C-9914", """{"name":"Ada"}""").FindAsync(new InventedValueDetector()));
    }

    [Fact]
    public async Task Where_something_that_the_run_saw_was_not_recorded_nothing_is_said() => Assert.Empty(await new CaseBuilder().Call("run", "agent.run/a", 0, 9)
        .Call("m0", "llm.call/planner", 0, 0.5, "run")
        .Model("m1", 1, 2, [Chat.User("go on")], Chat.Asks("c1", "find_customer", """{"id":"C-9914"}"""))
        .Tool("t1", "find_customer", 3, 4, """{"id":"C-9914"}""", """{"error":"not found"}""", "c1").FindAsync(new InventedValueDetector()));

    private static CaseBuilder Run(string request, string id, string result) => new CaseBuilder().Call("run", "agent.run/a", 0, 9)
        .Model("m1", 1, 2, [Chat.User(request)], Chat.Asks("c1", "find_customer", $$"""{"id":"{{id}}"}"""))
        .Tool("t1", "find_customer", 3, 4, $$"""{"id":"{{id}}"}""", result, "c1");
}
