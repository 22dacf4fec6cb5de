using AgentOps.Rca.Analysis.Detectors;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors;

public sealed class MissingArtifactDetectorTests
{
    [Fact]
    public async Task What_is_named_but_not_stored_is_told_tool_by_tool_with_two_places_each()
    {
        var findings = await new CaseBuilder()
            .Call("a0", "tool.call/a", 0, 1, args: "{\"a\":0}", result: "0")
            .Call("a1", "tool.call/a", 2, 3, args: "{\"a\":1}", result: "1")
            .Call("b0", "tool.call/b", 4, 5, result: "2")
            .LoseArtifacts()
            .FindAsync(new MissingArtifactDetector());

        Assert.Equal(["tool.call/a", "tool.call/b"], findings.Select(finding => finding.Tool));
        Assert.All(findings, finding => Assert.Equal("missing_evidence", finding.Category));
        Assert.StartsWith("4 arguments or results of tool.call/a are named but not stored", findings[0].Cause, StringComparison.Ordinal);
        Assert.StartsWith("1 argument or result of tool.call/b is named but not stored", findings[1].Cause, StringComparison.Ordinal);
        Assert.Equal([("a0", "/args_digest"), ("a0", "/result_digest")], findings[0].Facts.Select(fact => (fact.SpanId, fact.Pointer)));
        Assert.Equal([("b0", "/result_digest")], findings[1].Facts.Select(fact => (fact.SpanId, fact.Pointer)));
    }

    [Fact]
    public async Task Only_what_is_missing_is_told()
    {
        var finding = Assert.Single(await new CaseBuilder()
            .Call("lost", "tool.call/a", 0, 1, args: "{\"a\":0}")
            .LoseArtifacts()
            .Call("kept", "tool.call/a", 2, 3, args: "{\"a\":1}", result: "1")
            .Call("other", "tool.call/b", 4, 5, result: "2")
            .FindAsync(new MissingArtifactDetector()));

        Assert.Equal(["lost"], finding.Facts.Select(fact => fact.SpanId));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("not json")]
    public async Task Nothing_named_and_anything_stored_is_no_finding(string? content) =>
        Assert.Empty(await new CaseBuilder().Call("a", "tool.call/a", 0, 1, args: content, result: content).FindAsync(new MissingArtifactDetector()));

    [Fact]
    public async Task Alone_it_is_a_hint_and_a_gap_but_no_cause()
    {
        var report = await new CaseBuilder().Call("a", "tool.call/a", 0, 1, args: "{}").LoseArtifacts().AnalyzeAsync();

        Assert.Equal("missing_evidence", Assert.Single(report.Hypotheses).Category);
        Assert.Null(report.RootCause);
        Assert.Contains("1 argument or result that spans name is not stored.", report.Gaps);
    }
}
