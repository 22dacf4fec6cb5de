using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class MissingMemberDetectorTests
{
    [Fact]
    public async Task The_member_that_a_tool_is_named_after_is_null_and_the_answer_does_not_say_so()
    {
        var finding = Assert.Single(await Run("""{"unit":"4B","lease":null}""", "It ends in May.").FindAsync(new MissingMemberDetector()));

        Assert.Equal(("missing_data", "step:t1", Proof.Failure), (finding.Category, finding.Place, finding.Proof));
        Assert.Contains("returned null for “lease” when it was asked for", finding.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_says_so_makes_it_a_hint() =>
        Assert.Equal(Proof.Hint, Assert.Single(await Run("""{"unit":"4B","lease":null}""", "I could not find a lease for that unit.").FindAsync(new MissingMemberDetector())).Proof);

    [Theory]
    [InlineData("""{"unit":"4B","lease":{"end":"May"}}""")]
    [InlineData("""{"unit":"4B","lease":"L-1","note":null}""")]
    public async Task A_result_with_what_it_is_there_for_is_no_finding(string result) => Assert.Empty(await Run(result, "It ends in May.").FindAsync(new MissingMemberDetector()));

    [Fact]
    public async Task A_member_that_the_results_of_good_runs_always_had_is_missed_under_any_name()
    {
        var usual = new CaseBuilder();
        for (var i = 0; i < 4; i++)
        {
            usual.Tool($"u{i}", "get_lease", i, i + 0.5, $$"""{"unit":"{{i}}"}""", $$"""{"rent_cents":{{i}}}""", parent: null);
        }

        var finding = Assert.Single(await Run("""{"rent":7}""", "It is 7.").FindAsync(new MissingMemberDetector(), usual.AsBaselineWithResults()));

        Assert.Equal(Proof.Causal, finding.Proof);
        Assert.Contains("returned a result without “rent_cents”", finding.Cause, StringComparison.Ordinal);
        Assert.Empty(await Run("""{"rent_cents":7}""", "It is 7.").FindAsync(new MissingMemberDetector(), usual.AsBaselineWithResults()));
    }

    private static CaseBuilder Run(string result, string answer) => new CaseBuilder().Call("run", "agent.run/a", 0, 9)
        .Model("m1", 0, 1, [Chat.User("When does it end?")], Chat.Asks("c1", "get_lease", """{"unit":"4B"}""")).Tool("t1", "get_lease", 1, 2, """{"unit":"4B"}""", result, "c1")
        .Model("m2", 3, 4, [Chat.User("When does it end?"), Chat.Told("c1", result)], Chat.Answers(answer));
}
