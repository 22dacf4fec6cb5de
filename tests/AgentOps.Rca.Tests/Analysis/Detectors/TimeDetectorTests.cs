using AgentOps.Rca.Analysis.Detectors;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors;

public sealed class TimeDetectorTests
{
    [Fact]
    public async Task One_call_that_took_most_of_the_run_is_slow()
    {
        var finding = Assert.Single(await Run(slow: 6).FindAsync(new TimeDetector()));

        Assert.Equal(("slow_call", "slow", "tool.call/b"), (finding.Kind, finding.Category, finding.Tool));
        Assert.Contains("took 6 s", finding.Cause, StringComparison.Ordinal);
        Assert.Contains("60 % of the whole run", finding.Cause, StringComparison.Ordinal);
        Assert.Equal([("b", "/start_ts"), ("b", "/end_ts")], finding.Facts.Select(fact => (fact.SpanId, fact.Pointer)));
    }

    [Fact]
    public async Task A_call_that_took_half_of_the_run_is_no_finding() => Assert.Empty(await Run(slow: 5).FindAsync(new TimeDetector()));

    [Fact]
    public async Task A_long_time_in_which_nothing_was_recorded_is_idle()
    {
        var finding = Assert.Single(await Pause(seconds: 4).FindAsync(new TimeDetector()));

        Assert.Equal(("idle_gap", "idle", "tool.call/b"), (finding.Kind, finding.Category, finding.Tool));
        Assert.Contains("Nothing was recorded for 4 s (40 % of the run) between tool.call/a and tool.call/b", finding.Cause, StringComparison.Ordinal);
        Assert.Equal([("a", "/end_ts"), ("b", "/start_ts")], finding.Facts.Select(fact => (fact.SpanId, fact.Pointer)));
    }

    [Fact]
    public async Task A_short_pause_and_one_that_another_call_covers_are_no_finding()
    {
        Assert.Empty(await Pause(seconds: 3).FindAsync(new TimeDetector()));
        Assert.Empty(await Pause(seconds: 4).Call("beside", "tool.call/c", 2, 6.5, "run").FindAsync(new TimeDetector()));
    }

    [Fact]
    public async Task With_a_baseline_the_run_is_compared_instead() =>
        Assert.Empty(await Run(slow: 6).FindAsync(new TimeDetector(), Run(slow: 5).AsBaseline()));

    [Fact]
    public async Task One_span_no_span_a_short_run_and_times_that_are_only_an_order_are_no_finding()
    {
        Assert.Empty(await new CaseBuilder().FindAsync(new TimeDetector()));
        Assert.Empty(await new CaseBuilder().Call("a", "tool.call/a", 0, 60).FindAsync(new TimeDetector()));
        Assert.Empty(await new CaseBuilder().Call("a", "tool.call/a", 0, 0.1).Call("b", "tool.call/b", 0.1, 1.9).FindAsync(new TimeDetector()));
        Assert.Empty(await new CaseBuilder().Call("a", "tool.call/a", 0, 0).Call("b", "tool.call/b", 60, 60).FindAsync(new TimeDetector()));
    }

    private static CaseBuilder Run(double slow) => new CaseBuilder()
        .Call("run", "agent.run/a", 0, 10)
        .Call("a", "tool.call/a", 0, 10 - slow, "run")
        .Call("b", "tool.call/b", 10 - slow, 10, "run");

    private static CaseBuilder Pause(double seconds) => new CaseBuilder()
        .Call("run", "agent.run/a", 0, 10)
        .Call("a", "tool.call/a", 0, 3, "run")
        .Call("b", "tool.call/b", 3 + seconds, 10, "run");
}
