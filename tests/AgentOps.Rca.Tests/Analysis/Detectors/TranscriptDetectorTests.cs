using AgentOps.Rca.Analysis;

namespace AgentOps.Rca.Tests.Analysis.Detectors;

public sealed class TranscriptDetectorTests
{
    [Fact]
    public async Task The_agent_whose_program_fails_is_named_before_the_one_that_ran_it_and_the_words_are_quoted()
    {
        var report = await new CaseBuilder()
            .Call("s0", "agent.run/Planner", 0, 0, result: "Please count the rows in which the price is above ten, and report the number to me.")
            .Call("s1", "agent.run/Analyst", 1, 1, result: "This counts them:\n```python\nprint(len(rows))\n```\nAssuming that every row has a price, this is what we need.")
            .Call("s2", "agent.run/Terminal", 2, 2, result: "exitcode: 1 (execution failed)\nKeyError: 'price'")
            .Call("s3", "agent.run/Checker", 3, 3, result: "There are twelve such rows, which agrees with what I expected to see in this table.")
            .AnalyzeAsync();

        Assert.Equal(RcaVerdict.Inconclusive, report.Verdict);
        Assert.InRange(report.Confidence, 0, 0.49);
        Assert.Equal(("agent.run/Analyst", "unverified_assumption"), (report.Hypotheses[0].Tool, report.Hypotheses[0].Category));
        Assert.DoesNotContain(report.Hypotheses, hypothesis => hypothesis.Tool == "agent.run/Terminal");
        var first = report.Evidence.Single(evidence => evidence.Id == report.Hypotheses[0].Evidence[0]);
        Assert.Equal("s1", first.SpanId);
        Assert.Contains("Assuming that every row has a price", first.Quote, StringComparison.Ordinal);
        Assert.All(report.Evidence, evidence => Assert.True(evidence.Checked));
    }

    [Fact]
    public async Task One_who_only_directs_others_is_judged_by_what_they_did()
    {
        var run = new CaseBuilder();
        for (var i = 0; i < 6; i += 2)
        {
            run.Call($"s{i}", "agent.run/Lead", i, i, result: $"Next, Surfer, please open page {i} and tell me everything that it says about the prices of the hotel.")
                .Call($"s{i + 1}", "agent.run/Surfer", i + 1, i + 1, result: $"I opened page {i}, and it shows a list of hotels with their names, their addresses and their prices.");
        }

        Assert.Equal("agent.run/Surfer", (await run.AnalyzeAsync()).Hypotheses[0].Tool);
    }

    [Fact]
    public async Task A_run_with_recorded_calls_is_no_mere_transcript()
    {
        var report = await new CaseBuilder()
            .Call("run", "agent.run/orders", 0, 10)
            .Call("a", "agent.run/one", 1, 2, "run", args: "{}", result: "Assuming that this works.")
            .Call("b", "agent.run/two", 3, 4, "run", args: "{}", result: "It could not be found.")
            .Call("c", "tool.call/x", 5, 6, "run", args: "{}", result: "{}")
            .AnalyzeAsync();

        Assert.DoesNotContain(report.Evidence, evidence => evidence.Kind == "transcript");
    }

    [Theory]
    [InlineData("\uD83D\uDE00")]
    [InlineData("")]
    [InlineData("\n\n\n")]
    [InlineData("assume")]
    [InlineData("\nassume\n")]
    public async Task Any_text_is_quoted_as_it_stands_or_not_at_all(string text)
    {
        var long_ = string.Concat(Enumerable.Repeat("\uD83D\uDE00", 70)) + " assuming " + string.Concat(Enumerable.Repeat("\uD83D\uDE00", 70));
        var report = await new CaseBuilder()
            .Call("s0", "agent.run/A", 0, 0, result: text)
            .Call("s1", "agent.run/B", 1, 1, result: long_)
            .Call("s2", "agent.run/C", 2, 2, result: text + " ")
            .AnalyzeAsync();

        Assert.All(report.Evidence.Where(evidence => evidence.Quote is not null), evidence => Assert.True(evidence.Checked, evidence.Quote));
    }
}
