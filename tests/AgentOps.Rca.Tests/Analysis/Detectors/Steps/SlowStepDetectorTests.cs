using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

public sealed class SlowStepDetectorTests
{
    [Fact]
    public async Task One_step_against_the_baseline_is_enough_and_the_nested_call_that_held_the_time_is_named()
    {
        var usual = new CaseBuilder();
        for (var i = 0; i < 5; i++)
        {
            usual.Call($"u{i}", "tool.call/find", i, i + 0.25);
        }

        var finding = Assert.Single(await Run(late: 2).Call("db", "desk/SELECT", 2.1, 13.9, "t1", attributes: """{"service":"desk"}""")
            .FindAsync(new SlowStepDetector(), usual.AsBaseline()));

        Assert.Equal(("slow_step", "step:t1", Proof.Time), (finding.Category, finding.Place, finding.Proof));
        Assert.Contains("where 95 of 100 such calls took at most 250 ms before (5 calls); desk/SELECT below it took 11.8 s of that", finding.Cause, StringComparison.Ordinal);
        Assert.Contains(finding.Facts, fact => fact.SpanId == "db");
    }

    [Fact]
    public async Task Without_anything_to_compare_with_a_run_that_overran_what_it_was_given_is_enough()
    {
        var finding = Assert.Single(await Run(late: null, """{"timeout_s":10}""").FindAsync(new SlowStepDetector()));

        Assert.Equal(("step:t1", Proof.Time), (finding.Place, finding.Proof));
    }

    [Fact]
    public async Task A_run_within_its_time_or_one_that_nobody_limited_is_no_finding()
    {
        Assert.Empty(await Run(late: null, """{"timeout_s":60}""").FindAsync(new SlowStepDetector()));
        Assert.Empty(await Run(late: null).FindAsync(new SlowStepDetector()));
    }

    private static CaseBuilder Run(double? late, string attributes = "{}") => new CaseBuilder { LateHours = late, Problem = late is null && attributes == "{}" ? "wrong_answer" : "late_delivery" }
        .Call("run", "agent.run/a", 0, 15, attributes: attributes).Call("m1", "llm.call/planner", 0, 1, "run").Call("t1", "tool.call/find", 2, 14, "run");
}
