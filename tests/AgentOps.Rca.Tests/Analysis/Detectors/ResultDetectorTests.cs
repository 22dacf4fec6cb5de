using AgentOps.Rca.Analysis.Detectors;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors;

public sealed class ResultDetectorTests
{
    [Theory]
    [InlineData("null", "")]
    [InlineData("[]", "")]
    [InlineData("{}", "")]
    [InlineData("\"  \"", "")]
    [InlineData("""{"results":[]}""", "/results")]
    [InlineData("""{"status":"ok","documents":[],"took_ms":3}""", "/documents")]
    [InlineData("""{"results":[],"hits":[]}""", "/results")]
    public async Task A_tool_that_returned_nothing_is_told_with_the_place_where_nothing_is(string result, string pointer)
    {
        var finding = Assert.Single(await new CaseBuilder()
            .Call("think", "llm.call/planner", 0, 1)
            .Call("s0", "tool.call/search", 2, 3, args: "{\"q\":1}", result: """{"results":[1]}""")
            .Call("s1", "tool.call/search", 4, 5, args: "{\"q\":2}", result: result)
            .FindAsync(new ResultDetector()));

        Assert.Equal(("empty_result", "tool.call/search", "empty" + pointer), (finding.Category, finding.Tool, finding.ErrorClass));
        Assert.Contains("returned nothing in 1 of 2 calls", finding.Cause, StringComparison.Ordinal);
        Assert.Equal([("s1", pointer), ("think", "/tool")], finding.Facts.Select(fact => (fact.SpanId, fact.Pointer)));
        Assert.NotNull(finding.Facts[0].Artifact);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("false")]
    [InlineData("""{"results":[null]}""")]
    [InlineData("""{"results":{}}""")]
    [InlineData("""{"items":[{"id":"a"}],"matches":[]}""")]
    [InlineData("""{"data":[],"rows":[1]}""")]
    [InlineData("""{"tags":[]}""")]
    [InlineData("not json")]
    [InlineData("")]
    public async Task A_tool_that_returned_something_or_what_cannot_be_read_is_no_finding(string result) =>
        Assert.Empty(await new CaseBuilder().Call("s", "tool.call/search", 0, 1, result: result).FindAsync(new ResultDetector()));

    [Fact]
    public async Task Different_answers_to_the_same_arguments_are_inconsistent()
    {
        var run = new CaseBuilder()
            .Call("a", "tool.call/price", 0, 1, args: "{\"sku\":1}", result: "{\"price\":10}")
            .Call("b", "tool.call/price", 2, 3, args: "{\"sku\":1}", result: "{\"price\":10}")
            .Call("c", "tool.call/price", 4, 5, args: "{\"sku\":1}", result: "{\"price\":12}");

        var finding = Assert.Single(await run.FindAsync(new ResultDetector()));
        var report = await run.AnalyzeAsync();

        Assert.Equal(("inconsistent_results", "tool.call/price"), (finding.Category, finding.Tool));
        Assert.Equal([("a", "/result_digest"), ("c", "/result_digest")], finding.Facts.Select(fact => (fact.SpanId, fact.Pointer)));
        Assert.Contains(report.Evidence, evidence => evidence is { Kind: "differing_results", SpanId: "c", Checked: true });
        Assert.Equal("tool.call/price", report.Hypotheses[0].Tool);
    }

    [Fact]
    public async Task The_same_answers_other_arguments_failures_and_model_calls_are_no_inconsistency()
    {
        Assert.Empty(await Pair("tool.call/price", "{\"sku\":1}", "{\"sku\":1}", "1", "1").FindAsync(new ResultDetector()));
        Assert.Empty(await Pair("tool.call/price", "{\"sku\":1}", "{\"sku\":2}", "1", "2").FindAsync(new ResultDetector()));
        Assert.Empty(await Pair("tool.call/price", null, null, "1", "2").FindAsync(new ResultDetector()));
        Assert.Empty(await Pair("tool.call/price", "{\"sku\":1}", "{\"sku\":1}", "1", null).FindAsync(new ResultDetector()));
        Assert.Empty(await Pair("llm.call/planner", "{\"sku\":1}", "{\"sku\":1}", "1", "2").FindAsync(new ResultDetector()));
        Assert.Empty(await Pair("tool.call/price", "{\"sku\":1}", "{\"sku\":1}", "1", "2", """{"error":"timeout"}""").FindAsync(new ResultDetector()));
        Assert.Empty(await Pair("llm.call/planner", "{}", "{}", "null", "null").FindAsync(new ResultDetector()));
    }

    [Fact]
    public async Task Lost_results_still_tell_that_they_differ_but_not_that_they_are_empty()
    {
        var finding = Assert.Single(await Pair("tool.call/price", "{\"sku\":1}", "{\"sku\":1}", "[]", "{}").LoseArtifacts().FindAsync(new ResultDetector()));

        Assert.Equal("inconsistent_results", finding.Category);
    }

    [Fact]
    public async Task An_empty_result_without_a_model_call_rests_on_the_result_itself()
    {
        var run = new CaseBuilder().Call("s", "tool.call/search", 0, 1, result: "[]");

        var report = await run.AnalyzeAsync();

        Assert.Equal([("s", ""), ("s", "/result_digest")], Assert.Single(await run.FindAsync(new ResultDetector())).Facts.Select(fact => (fact.SpanId, fact.Pointer)));
        Assert.Equal(("empty_result", true), (report.Hypotheses[0].Category, report.Hypotheses[0].Grounded));
    }

    private static CaseBuilder Pair(string tool, string? args, string? otherArgs, string? result, string? otherResult, string attributes = "{}") => new CaseBuilder()
        .Call("a", tool, 0, 1, args: args, result: result).Call("b", tool, 2, 3, args: otherArgs, result: otherResult, attributes: attributes);
}
