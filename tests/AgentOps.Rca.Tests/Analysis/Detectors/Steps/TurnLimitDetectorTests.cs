using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class TurnLimitDetectorTests
{
    private const string Limit = """{"status":"error","error.type":"MaxTurnsExceeded","error.message":"Max turns (6) exceeded"}""";

    [Fact]
    public async Task What_used_the_turns_up_is_named_with_what_it_was_asked_for()
    {
        var finding = Assert.Single(await Pages(Limit).FindAsync(new TurnLimitDetector()));

        Assert.Equal(("turn_limit", "step:t0", Proof.Certain), (finding.Category, finding.Place, finding.Proof));
        Assert.Contains("tool.call/list_rows was called 5 times with 5 different arguments", finding.Cause, StringComparison.Ordinal);
        Assert.Contains("“Max turns (6) exceeded”", finding.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agents_that_hand_off_to_each_other_are_a_loop()
    {
        var run = new CaseBuilder().Call("run", "agent.run/a", 0, 99, attributes: Limit);
        for (var i = 0; i < 6; i++)
        {
            run.Call($"h{i}", $"tool.call/transfer_to_{(i % 2 == 0 ? "sales" : "billing")}", i, i + 0.5, "run");
        }

        var finding = Assert.Single(await run.FindAsync(new TurnLimitDetector()));

        Assert.Equal("handoff_loop", finding.Category);
        Assert.Contains("sales and billing handed the conversation off to each other 6 times", finding.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_calls_in_a_run_that_ended_well_are_no_finding() => Assert.Empty(await Pages("{}").FindAsync(new TurnLimitDetector()));

    private static CaseBuilder Pages(string attributes)
    {
        var run = new CaseBuilder().Call("run", "agent.run/a", 0, 99, attributes: attributes);
        for (var i = 0; i < 5; i++)
        {
            run.Tool($"t{i}", "list_rows", i, i + 0.5, $$"""{"page":{{i}}}""", "[1]");
        }

        return run;
    }
}
