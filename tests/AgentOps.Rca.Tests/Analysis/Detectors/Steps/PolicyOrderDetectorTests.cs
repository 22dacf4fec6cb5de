using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class PolicyOrderDetectorTests
{
    private const string Policy = "Before any change, obtain the user's explicit confirmation (yes).";

    [Fact]
    public async Task A_change_without_the_confirmation_that_the_instructions_ask_for_is_told()
    {
        var finding = Assert.Single(await Run(Policy, "My street is Elm 2 now.", "update_address").FindAsync(new PolicyOrderDetector()));

        Assert.Equal(("policy_violation", "step:m1", Proof.Provenance), (finding.Category, finding.Place, finding.Proof));
        Assert.Contains("the user had last said “My street is Elm 2 now.”", finding.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_confirmation_without_such_a_policy_or_only_reading_is_no_finding()
    {
        Assert.Empty(await Run(Policy, "Yes, please do.", "update_address").FindAsync(new PolicyOrderDetector()));
        Assert.Empty(await Run("Be brief.", "My street is Elm 2 now.", "update_address").FindAsync(new PolicyOrderDetector()));
        Assert.Empty(await Run(Policy, "My street is Elm 2 now.", "get_address").FindAsync(new PolicyOrderDetector()));
    }

    private static CaseBuilder Run(string system, string user, string tool) => new CaseBuilder().Call("run", "agent.run/a", 0, 9)
        .Model("m1", 0, 1, [Chat.System(system), Chat.User(user)], Chat.Asks("c1", tool, """{"street":"Elm 2"}"""))
        .Tool("t1", tool, 1, 2, """{"street":"Elm 2"}""", """{"ok":true}""", "c1");
}
