using AgentOps.Rca.Analysis.Detectors;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors;

public sealed class StaleDataDetectorTests
{
    [Theory]
    [InlineData("""{"policy":"returns","version":3}""", """{"hits":[{"policy":"returns","version":4}]}""", "/version", "/hits/0/version")]
    [InlineData("""{"doc":{"title":"returns","rev":"v3"}}""", """{"id":"returns","rev":"v4"}""", "/doc/rev", "/rev")]
    [InlineData("""{"id":"returns","updated_at":"2026-01-01T00:00:00Z"}""", """{"id":"returns","updated_at":"2026-02-01T00:00:00Z"}""", "/updated_at", "/updated_at")]
    [InlineData("""{"a/b":{"sku":"returns","as_of":1767225600}}""", """{"sku":"returns","as_of":1769904000}""", "/a~1b/as_of", "/as_of")]
    public async Task A_record_that_another_call_knows_in_a_newer_version_is_outdated(string stale, string newer, string at, string newerAt)
    {
        var finding = Assert.Single(await new CaseBuilder()
            .Call("new", "tool.call/store", 1, 2, result: newer)
            .Call("old", "tool.call/cache", 3, 4, result: stale)
            .Call("think", "llm.call/planner", 5, 6)
            .FindAsync(new StaleDataDetector()));

        Assert.Equal(("stale_data", "tool.call/cache"), (finding.Category, finding.Tool));
        Assert.Contains("tool.call/cache returned an outdated returns", finding.Cause, StringComparison.Ordinal);
        Assert.Contains("llm.call/planner went on to work with it", finding.Cause, StringComparison.Ordinal);
        Assert.Equal([("old", at), ("new", newerAt), ("think", "/start_ts")], finding.Facts.Select(fact => (fact.SpanId, fact.Pointer)));
        Assert.Equal([true, true, false], finding.Facts.Select(fact => fact.Artifact is not null));
    }

    [Theory]
    [InlineData("""{"policy":"returns","version":4}""", """{"policy":"returns","version":4}""")]
    [InlineData("""{"policy":"returns","version":3}""", """{"policy":"refunds","version":4}""")]
    [InlineData("""{"policy":"returns","version":3}""", """{"policy":"returns","updated_at":"2026-02-01T00:00:00Z"}""")]
    [InlineData("""{"policy":"returns","version":"three"}""", """{"policy":"returns","version":"four"}""")]
    [InlineData("""{"policy":"7","version":3}""", """{"policy":"7","version":4}""")]
    [InlineData("""{"version":3}""", """{"version":4}""")]
    [InlineData("""{"id":"returns","updated_at":"soon"}""", """{"id":"returns","updated_at":"2026-02-01T00:00:00Z"}""")]
    [InlineData("[3]", "[4]")]
    public async Task Records_that_agree_or_cannot_be_compared_are_no_finding(string one, string other) => Assert.Empty(await new CaseBuilder()
        .Call("new", "tool.call/store", 1, 2, result: other).Call("old", "tool.call/cache", 3, 4, result: one).FindAsync(new StaleDataDetector()));

    [Fact]
    public async Task A_record_that_changed_after_it_was_read_was_not_outdated()
    {
        // The case starts on 2026-03-14; the record changed between the two calls.
        Assert.Empty(await new CaseBuilder()
            .Call("first", "tool.call/get", 1, 2, result: """{"id":"order-7","version":1}""")
            .Call("again", "tool.call/get", 5, 6, result: """{"id":"order-7","version":2}""")
            .FindAsync(new StaleDataDetector()));
        Assert.Empty(await new CaseBuilder()
            .Call("first", "tool.call/get", 1, 2, result: """{"id":"order-7","updated_at":"2026-01-01T00:00:00Z"}""")
            .Call("other", "tool.call/status", 5, 6, result: """{"id":"order-7","updated_at":"2026-12-01T00:00:00Z"}""")
            .FindAsync(new StaleDataDetector()));
    }

    [Fact]
    public async Task What_a_model_says_and_what_was_lost_is_no_record()
    {
        var run = new CaseBuilder()
            .Call("new", "llm.call/planner", 1, 2, result: """{"id":"order-7","version":2}""")
            .Call("old", "tool.call/get", 3, 4, result: """{"id":"order-7","version":1}""");

        Assert.Empty(await run.FindAsync(new StaleDataDetector()));
        Assert.Empty(await new CaseBuilder()
            .Call("new", "tool.call/store", 1, 2, result: """{"id":"order-7","version":2}""")
            .Call("old", "tool.call/get", 3, 4, result: """{"id":"order-7","version":1}""")
            .LoseArtifacts().FindAsync(new StaleDataDetector()));
    }

    [Fact]
    public async Task One_call_alone_is_no_finding_even_with_two_versions_in_it() => Assert.Empty(await new CaseBuilder()
        .Call("a", "tool.call/history", 1, 2, result: """[{"id":"order-7","version":1},{"id":"order-7","version":2}]""").FindAsync(new StaleDataDetector()));

    [Fact]
    public async Task Disagreements_are_bounded()
    {
        var run = new CaseBuilder().Call("new", "tool.call/store", 0, 0.5, result: """{"id":"order-7","version":100}""");
        for (var i = 1; i < 40; i++)
        {
            run.Call($"old{i}", "tool.call/cache", i, i + 0.5, result: $$"""{"id":"order-7","version":{{i}}}""");
        }

        Assert.Equal(20, (await run.FindAsync(new StaleDataDetector())).Count);
    }
}
