using AgentOps.Rca.Analysis.Detectors;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors;

public sealed class DeadlineDetectorTests
{
    [Theory]
    [InlineData("""{"timeout_ms":2000}""", "/attributes/timeout_ms", "2 s")]
    [InlineData("""{"deadline_seconds":2.5}""", "/attributes/deadline_seconds", "2.5 s")]
    [InlineData("""{"timeout_s":60,"budget_ms":500}""", "/attributes/budget_ms", "500 ms")]
    public async Task A_call_over_the_time_it_was_given_is_told_with_the_limit_and_its_end(string attributes, string pointer, string given)
    {
        var run = new CaseBuilder().Call("run", "agent.run/a", 0, 20).Call("a", "tool.call/eta", 1, 4, "run", attributes: attributes);

        var finding = Assert.Single(await run.FindAsync(new DeadlineDetector()));
        var report = await run.AnalyzeAsync();

        Assert.Equal(("deadline_exceeded", "tool.call/eta"), (finding.Category, finding.Tool));
        Assert.Contains("took 3 s at", finding.Cause, StringComparison.Ordinal);
        Assert.Contains($"given {given}.", finding.Cause, StringComparison.Ordinal);
        Assert.Equal([("a", pointer), ("a", "/end_ts")], finding.Facts.Select(fact => (fact.SpanId, fact.Pointer)));
        Assert.Contains(report.Hypotheses, claim => claim is { Category: "deadline_exceeded", Tool: "tool.call/eta", Grounded: true });
    }

    [Theory]
    [InlineData("""{"timeout_ms":3000}""")]
    [InlineData("""{"timeout_ms":"2000"}""")]
    [InlineData("""{"timeout_ms":0}""")]
    [InlineData("""{"timeout_ms":-1}""")]
    [InlineData("""{"note":"no timeout"}""")]
    public async Task A_call_within_its_time_or_without_a_limit_is_no_finding(string attributes) =>
        Assert.Empty(await new CaseBuilder().Call("a", "tool.call/eta", 1, 4, attributes: attributes).FindAsync(new DeadlineDetector()));

    [Fact]
    public async Task A_call_that_alone_took_longer_than_the_run_was_given_is_blamed_for_it()
    {
        var finding = Assert.Single(await new CaseBuilder()
            .Call("run", "agent.run/a", 0, 10, attributes: """{"deadline_ms":5000}""")
            .Call("quick", "tool.call/price", 0, 1, "run")
            .Call("slow", "tool.call/eta", 1, 9, "run")
            .Call("inner", "http.call/carrier", 1, 8, "slow")
            .FindAsync(new DeadlineDetector()));

        Assert.Equal(("deadline_exceeded", "http.call/carrier"), (finding.Category, finding.Tool));
        Assert.Contains("http.call/carrier alone took 7 s", finding.Cause, StringComparison.Ordinal);
        Assert.Contains("agent.run/a was given 5 s", finding.Cause, StringComparison.Ordinal);
        Assert.Equal([("run", "/attributes/deadline_ms"), ("run", "/end_ts"), ("inner", "/end_ts")], finding.Facts.Select(fact => (fact.SpanId, fact.Pointer)));
    }

    [Fact]
    public async Task A_run_that_many_calls_made_late_is_blamed_itself()
    {
        var run = new CaseBuilder().Call("run", "agent.run/a", 0, 10, attributes: """{"deadline_ms":5000}""");
        for (var i = 0; i < 5; i++)
        {
            run.Call($"t{i}", "tool.call/eta", 2 * i, (2 * i) + 1.9, "run");
        }

        Assert.Equal("agent.run/a", Assert.Single(await run.FindAsync(new DeadlineDetector())).Tool);
    }

    [Fact]
    public async Task A_call_below_that_broke_its_own_limit_is_told_once_and_one_that_ends_as_it_begins_never()
    {
        var finding = Assert.Single(await new CaseBuilder()
            .Call("run", "agent.run/a", 0, 10, attributes: """{"deadline_ms":5000}""")
            .Call("slow", "tool.call/eta", 1, 9, "run", attributes: """{"timeout_ms":2000}""")
            .FindAsync(new DeadlineDetector()));

        Assert.Equal("tool.call/eta", finding.Tool);
        Assert.Contains("given 2 s", finding.Cause, StringComparison.Ordinal);
        Assert.Empty(await new CaseBuilder().Call("a", "tool.call/eta", 1, 1, attributes: """{"timeout_ms":1}""").FindAsync(new DeadlineDetector()));
    }
}
