namespace AgentOps.Rca.Tests.Analysis.Detectors;

public sealed class OrderAndRepeatTests
{
    [Fact]
    public async Task Events_that_follow_each_other_the_other_way_round_are_told()
    {
        var report = await Logged(swapped: true).AnalyzeAsync(Logged(swapped: false).AsBaseline());

        var claim = report.Hypotheses.Single(hypothesis => hypothesis.Category == "changed_order");
        Assert.Equal("pay/charge", claim.Tool);
        Assert.Contains("in 30 of 30 calls, while it was the other way round in all of 30 before", claim.Cause, StringComparison.Ordinal);
        Assert.True(claim.Grounded);
    }

    [Fact]
    public async Task Events_in_the_usual_order_or_in_both_orders_before_are_no_finding()
    {
        Assert.DoesNotContain((await Logged(false).AnalyzeAsync(Logged(false).AsBaseline())).Hypotheses, claim => claim.Category == "changed_order");
        Assert.DoesNotContain((await Logged(true).AnalyzeAsync(Both().AsBaseline())).Hypotheses, claim => claim.Category == "changed_order");
    }

    [Fact]
    public async Task A_tool_that_is_called_far_more_often_in_one_call_is_told()
    {
        var report = await Repeated(12).AnalyzeAsync(Repeated(2).AsBaseline());

        var claim = report.Hypotheses.Single(hypothesis => hypothesis.Category == "repeated_calls");
        Assert.Equal("shop/list", claim.Tool);
        Assert.Contains("up to 12 times in one call, in 10 of 10 calls; before it was 2 at most", claim.Cause, StringComparison.Ordinal);
        Assert.True(claim.Grounded);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task A_few_calls_more_are_no_finding(int times) => Assert.DoesNotContain(
        (await Repeated(times).AnalyzeAsync(Repeated(2).AsBaseline())).Hypotheses, claim => claim.Category == "repeated_calls");

    private static CaseBuilder Repeated(int times)
    {
        var run = new CaseBuilder();
        for (var i = 0; i < 10; i++)
        {
            run.Call($"l{i}", "shop/list", i, i + 0.9, attributes: """{"service":"shop"}""");
            for (var j = 0; j < times; j++)
            {
                run.Call($"p{i}-{j}", "price/get", i + (0.05 * j), i + (0.05 * j) + 0.01, $"l{i}", attributes: """{"service":"price"}""");
            }
        }

        return run;
    }

    private static CaseBuilder Logged(bool swapped)
    {
        var run = new CaseBuilder();
        for (var i = 0; i < 30; i++)
        {
            Add(run, i, swapped);
        }

        return run;
    }

    private static CaseBuilder Both()
    {
        var run = new CaseBuilder();
        for (var i = 0; i < 30; i++)
        {
            Add(run, i, i % 2 == 0);
        }

        return run;
    }

    private static void Add(CaseBuilder run, int i, bool swapped)
    {
        const string check = """{"message":"10:00 INFO Pay#10 checked"}""";
        const string charge = """{"message":"10:00 INFO Pay#20 charged"}""";
        run.Call($"c{i}", "pay/charge", i, i + 0.5, attributes: $$"""{"service":"pay","events":[{{(swapped ? charge : check)}},{{(swapped ? check : charge)}}]}""");
    }
}
