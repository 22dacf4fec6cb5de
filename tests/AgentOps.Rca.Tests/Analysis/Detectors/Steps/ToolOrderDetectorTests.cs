using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class ToolOrderDetectorTests
{
    [Theory]
    [InlineData("You handle returns. Call check_it before change_it.")]
    [InlineData("Before calling change_it, always call check_it.")]
    [InlineData("Only call change_it after check_it has succeeded.")]
    [InlineData("1. First run check_it.\n2. Only then call change_it.")]
    [InlineData("You must authenticate the customer before you change anything.", "verify_customer")]
    public async Task A_call_before_the_one_that_must_come_first_breaks_the_instructions(string system, string first = "check_it")
    {
        var finding = Assert.Single(await Run(system, first, "change_it").FindAsync(new ToolOrderDetector()));

        Assert.Equal(("policy_violation", "step:m1", Proof.Provenance), (finding.Category, finding.Place, finding.Proof));
        Assert.Contains($"called tool.call/change_it at", finding.Cause, StringComparison.Ordinal);
        Assert.Contains($"without {first} before it", finding.Cause, StringComparison.Ordinal);
        Assert.Contains($"{first} was never called", finding.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Call check_it before change_it.", "check_it", "check_it", "change_it")]
    [InlineData("Call check_it before change_it.", "check_it", "check_it")]
    [InlineData("Call check_it after change_it.", "check_it", "change_it")]
    [InlineData("You must authenticate the customer before you change anything.", "verify_customer", "list_tariffs")]
    [InlineData("Answer before noon. Use change_it and check_it.", "check_it", "change_it")]
    public async Task An_order_that_was_kept_or_not_asked_for_is_no_finding(string system, string first, params string[] calls) =>
        Assert.Empty(await Run(system, first, calls).FindAsync(new ToolOrderDetector()));

    private static CaseBuilder Run(string system, string first, params string[] calls)
    {
        var run = new CaseBuilder().Call("run", "agent.run/desk", 0, 99);
        List<string> said = [Chat.System(system), Chat.User("Please do it.")];
        for (var i = 0; i < calls.Length; i++)
        {
            var (id, at) = ($"c{i + 1}", i * 4);
            run.Model($"m{i + 1}", at, at + 1, [.. said], Chat.Asks(id, calls[i], "{}"), [Chat.Tool(first), Chat.Tool("change_it"), Chat.Tool("list_tariffs")]).Tool($"t{i + 1}", calls[i], at + 2, at + 3, "{}", """{"done":true}""", id);
            said.AddRange([Chat.Asks(id, calls[i], "{}"), Chat.Told(id, """{"done":true}""")]);
        }

        return run.Model("last", 90, 91, [.. said], Chat.Answers("That is done."));
    }
}
