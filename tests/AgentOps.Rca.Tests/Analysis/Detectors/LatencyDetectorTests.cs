using AgentOps.Rca.Analysis.Detectors;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors;

public sealed class LatencyDetectorTests
{
    [Fact]
    public async Task A_tool_whose_own_time_grew_is_slow_and_its_caller_is_not()
    {
        var finding = Assert.Single(await Calls(own: 0.4).FindAsync(new LatencyDetector(), Calls(own: 0.1).AsBaseline()));

        Assert.Equal(("self_time", "slow", "price/get", "price"), (finding.Kind, finding.Category, finding.Tool, finding.Place));
        Assert.Contains("price/get itself got slower: 50 % of 20 calls stayed below", finding.Cause, StringComparison.Ordinal);
        Assert.InRange(finding.Strength, 1, Math.Log(4.2));
        Assert.Equal(20, finding.Sample);
        Assert.Equal([("/start_ts", true), ("/end_ts", true)], finding.Facts.Select(fact => (fact.Pointer!, fact.SpanId.StartsWith('p'))));
        Assert.Contains("40 spans of the baseline", finding.Facts[1].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.104)]
    [InlineData(0.05)]
    public async Task A_tool_that_is_as_fast_as_usual_or_faster_is_no_finding(double own) =>
        Assert.Empty(await Calls(own).FindAsync(new LatencyDetector(), Calls(own: 0.1).AsBaseline()));

    [Fact]
    public async Task One_odd_call_among_many_says_nothing()
    {
        var run = Calls(own: 0.1, calls: 100);
        run.Call("odd", "price/get", 200, 260, attributes: """{"service":"price"}""");

        Assert.Empty(await run.FindAsync(new LatencyDetector(), Calls(own: 0.1, calls: 100).AsBaseline()));
    }

    [Fact]
    public async Task A_growth_that_a_whole_run_would_not_notice_is_no_finding() =>
        Assert.Empty(await Calls(own: 0.0015).FindAsync(new LatencyDetector(), Calls(own: 0.001).AsBaseline()));

    [Fact]
    public async Task The_way_to_a_service_that_got_slower_is_blamed_on_the_service_that_is_called()
    {
        var finding = Assert.Single(await Links(slowed: ["price"]).FindAsync(new LatencyDetector(), Links([]).AsBaseline()));

        Assert.Equal(("slow_calls_in", "slow", "price/get", "price"), (finding.Kind, finding.Category, finding.Tool, finding.Place));
        Assert.Contains("The way from shop to price got slower", finding.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_ways_to_all_services_got_slower_alike_their_caller_is_blamed()
    {
        var finding = Assert.Single(await Links(slowed: ["price", "stock", "cart"]).FindAsync(new LatencyDetector(), Links([]).AsBaseline()));

        Assert.Equal(("slow_calls_out", "slow", "shop"), (finding.Kind, finding.Category, finding.Place));
        Assert.Contains("The way from shop to most services it calls got slower", finding.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_baseline_with_one_span_and_with_tools_it_does_not_know_nothing_is_compared()
    {
        var usual = Calls(own: 0.1).AsBaseline();

        Assert.Empty(await Calls(own: 4).FindAsync(new LatencyDetector()));
        Assert.Empty(await Calls(own: 4, calls: 1).FindAsync(new LatencyDetector(), usual));
        Assert.Empty(await Calls(own: 4).FindAsync(new LatencyDetector(), Calls(own: 0.1, calls: 2).AsBaseline()));
        Assert.Empty(await Links([]).FindAsync(new LatencyDetector(), usual));
        Assert.Empty(await new CaseBuilder().FindAsync(new LatencyDetector(), usual));
    }

    // The shop asks for a price; what it does itself takes 0.1 s, and the way there and back 10 ms each.
    private static CaseBuilder Calls(double own, int calls = 20)
    {
        var run = new CaseBuilder();
        for (var i = 0; i < calls; i++)
        {
            run.Call($"r{i}", "front/list", i * 10, (i * 10) + own + 0.12, attributes: """{"service":"front"}""")
                .Call($"p{i}", "price/get", (i * 10) + 0.06, (i * 10) + 0.06 + own, $"r{i}", attributes: """{"service":"price"}""");
        }

        return run;
    }

    // A span of the shop for each call it makes, and the callee's own span inside; a slowed way takes 200 ms instead of 10.
    private static CaseBuilder Links(string[] slowed)
    {
        var run = new CaseBuilder();
        string[] services = ["price", "stock", "cart"];
        for (var i = 0; i < 20; i++)
        {
            for (var j = 0; j < services.Length; j++)
            {
                var at = (i * 10) + (j * 2);
                var way = Array.IndexOf(slowed, services[j]) >= 0 ? 0.2 : 0.01;
                run.Call($"c{i}-{j}", $"shop/{services[j]}", at, at + 0.1 + (2 * way), attributes: """{"service":"shop"}""")
                    .Call($"s{i}-{j}", $"{services[j]}/get", at + way, at + way + 0.1, $"c{i}-{j}", attributes: $$"""{"service":"{{services[j]}}"}""");
            }
        }

        return run;
    }
}
