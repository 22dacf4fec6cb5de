using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Analysis.Detectors;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors;

public sealed class StructureDetectorTests
{
    private const string Read = """{"message":"10:00 INFO Cart#10 read cart"}""";
    private const string Priced = """{"message":"10:00 INFO Cart#20 priced cart"}""";
    private const string Broken = """{"name":"exception","exception.type":"PriceException","exception.message":"no price list"}""";

    [Fact]
    public async Task A_step_that_is_no_longer_reached_is_missing()
    {
        var finding = Assert.Single(await Carts(_ => Read).FindAsync(new StructureDetector(), Usual()));

        Assert.Equal(("changed_structure", "missing_step", "cart/get", "cart"), (finding.Kind, finding.Category, finding.Tool, finding.Place));
        Assert.Contains("0 of 20 calls, before 20 of 20", finding.Cause, StringComparison.Ordinal);
        Assert.Equal([("c0", "/tool"), ("c19", "/tool")], finding.Facts.Select(fact => (fact.SpanId, fact.Pointer)));
    }

    [Fact]
    public async Task An_error_that_is_new_is_told_with_the_place_where_it_is_said()
    {
        var findings = await Carts(i => i % 2 == 0 ? $"{Read},{Priced}" : $"{Read},{Priced},{Broken}").FindAsync(new StructureDetector(), Usual());

        var finding = findings.MaxBy(found => found.Strength)!;
        Assert.Equal(("new_error", "cart/get"), (finding.Category, finding.Tool));
        Assert.Contains("10 of 20 calls, before 0 of 20", finding.Cause, StringComparison.Ordinal);
        Assert.All(finding.Facts, fact => Assert.StartsWith("/attributes", fact.Pointer, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Calls_that_are_no_longer_made_are_missing()
    {
        var findings = await Shop(price: false).FindAsync(new StructureDetector(), Shop(price: true).AsBaseline());

        Assert.All(findings, finding => Assert.Equal(("missing_call", "shop/list"), (finding.Category, finding.Tool)));
        Assert.Equal(["MissingCall", "Truncated"], findings.Select(finding => finding.ErrorClass));
        Assert.Contains("shop/list calls price/get less often than usual: 0 of 20 calls, before 20 of 20", findings[0].Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_that_were_never_made_before_are_extra()
    {
        var finding = Assert.Single(await Shop(price: true).FindAsync(new StructureDetector(), Shop(price: false).AsBaseline()));

        Assert.Equal(("extra_call", "shop/list"), (finding.Category, finding.Tool));
    }

    [Fact]
    public async Task A_caller_is_explained_by_what_changed_in_the_service_below()
    {
        var findings = await Failing(true).FindAsync(new StructureDetector(), Failing(false).AsBaseline());

        Assert.NotEmpty(findings);
        Assert.All(findings, finding => Assert.Equal(("new_error", "price"), (finding.Category, finding.Place)));
    }

    [Fact]
    public async Task What_is_as_usual_or_what_chance_explains_is_no_finding()
    {
        Assert.Empty(await Carts(_ => $"{Read},{Priced}").FindAsync(new StructureDetector(), Usual()));
        Assert.Empty(await Carts(i => i < 11 ? $"{Read},{Priced}" : Read)
            .FindAsync(new StructureDetector(), Carts(i => i < 10 ? $"{Read},{Priced}" : Read).AsBaseline()));
    }

    [Fact]
    public async Task Errors_that_went_away_are_no_finding() => Assert.Empty(
        await Failing(false).FindAsync(new StructureDetector(), Failing(true).AsBaseline()));

    [Fact]
    public async Task Without_a_baseline_with_one_span_and_without_events_on_one_side_nothing_is_compared()
    {
        Assert.Empty(await Carts(_ => Read).FindAsync(new StructureDetector()));
        Assert.Empty(await Carts(_ => Read, calls: 1).FindAsync(new StructureDetector(), Usual()));
        Assert.Empty(await Carts(_ => Read).FindAsync(new StructureDetector(), Carts(_ => $"{Read},{Priced}", calls: 2).AsBaseline()));
        Assert.Empty(await Carts(_ => "").FindAsync(new StructureDetector(), Usual()));
        Assert.Empty(await new CaseBuilder().FindAsync(new StructureDetector(), Usual()));
    }

    private static Baseline Usual() => Carts(_ => $"{Read},{Priced}").AsBaseline();

    private static CaseBuilder Carts(Func<int, string> events, int calls = 20)
    {
        var run = new CaseBuilder();
        for (var i = 0; i < calls; i++)
        {
            run.Call($"c{i}", "cart/get", i, i + 0.5, attributes: $$"""{"service":"cart","events":[{{events(i)}}]}""");
        }

        return run;
    }

    private static CaseBuilder Shop(bool price)
    {
        var run = new CaseBuilder();
        for (var i = 0; i < 20; i++)
        {
            run.Call($"l{i}", "shop/list", i, i + 0.9, attributes: """{"service":"shop"}""")
                .Call($"s{i}", "stock/get", i + 0.1, i + 0.2, $"l{i}", attributes: """{"service":"stock"}""");
            if (price)
            {
                run.Call($"p{i}", "price/get", i + 0.3, i + 0.4, $"l{i}", attributes: """{"service":"price"}""");
            }
        }

        return run;
    }

    private static CaseBuilder Failing(bool fails)
    {
        var run = new CaseBuilder();
        for (var i = 0; i < 20; i++)
        {
            var failed = fails ? ",\"http.status_code\":500" : "";
            run.Call($"l{i}", "shop/list", i, i + 0.9, attributes: $$"""{"service":"shop"{{failed}} }""")
                .Call($"p{i}", "price/get", i + 0.3, i + 0.4, $"l{i}", attributes: $$"""{"service":"price"{{failed}} }""");
        }

        return run;
    }
}
