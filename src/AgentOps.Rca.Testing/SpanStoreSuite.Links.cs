using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Testing;

public abstract partial class SpanStoreSuite
{
    private ISpanLinker Linker => Assert.IsAssignableFrom<ISpanLinker>(Spans);

    private ISpanRetention Retention => Assert.IsAssignableFrom<ISpanRetention>(Spans);

    [Fact]
    public async Task A_span_without_an_incident_gets_one_and_keeps_it()
    {
        await Spans.AddAsync([Samples.Span("a"), Samples.Span("b"), Samples.Span("c", incidentId: "other")], TestToken);
        AssertLinks(await LinkAsync("i", "b", "a", "c", "d", "b"), linked: 2, conflicts: ["c"], unknown: ["d"]);
        AssertLinks(await LinkAsync("i", "a", "b"), already: 2);
        AssertLinks(await LinkAsync("j", "a"), conflicts: ["a"]);
        await AssertStoredAsync(Samples.Span("a", incidentId: "i"));
        await AssertStoredAsync(Samples.Span("c", incidentId: "other"));
        Assert.Equal(["a", "b"], await ListIdsAsync(new SpanQuery { IncidentId = "i" }));
        Assert.Empty(await ListIdsAsync(new SpanQuery { WithoutIncident = true }));
    }

    [Fact]
    public async Task A_linked_span_that_is_sent_again_as_it_first_came_is_a_duplicate()
    {
        await Spans.AddAsync([Samples.Span("a"), Samples.Span("b")], TestToken);
        await LinkAsync("i", "a", "b");
        var result = await Spans.AddAsync(
            [Samples.Span("a"), Samples.Span("b", incidentId: "i"), Samples.Span("a", incidentId: "j"), Samples.Span("b", tool: "x")], TestToken);
        AssertResult(result, duplicates: 2, conflicts: ["a", "b"]);
        await AssertStoredAsync(Samples.Span("a", incidentId: "i"));
    }

    [Fact]
    public async Task Linking_nothing_does_nothing() => AssertLinks(await LinkAsync("i"));

    [Fact]
    public async Task Of_many_callers_exactly_one_incident_gets_each_span()
    {
        await Spans.AddAsync([.. Enumerable.Range(0, 20).Select(i => Samples.Span(Id(i), i))], TestToken);
        string[] ids = [.. Enumerable.Range(0, 20).Select(Id)];
        var results = await RaceAsync(racer => LinkAsync($"i{racer % 4}", racer % 2 == 0 ? ids : [.. ids.Reverse()]), racers: 16);
        Assert.Equal(20, results.Sum(result => result.Linked));
        Assert.All(results, result => Assert.Equal(20, result.Linked + result.AlreadyLinked + result.Conflicts.Count));
        Assert.Equal(ids, await ListIdsAsync(new SpanQuery()));
    }

    [Fact]
    public async Task Hundreds_of_spans_are_linked_at_once()
    {
        var rows = Backend.PagingRows / 2;
        await Spans.AddAsync([.. Enumerable.Range(0, rows).Select(i => Samples.Span(Id(i), i))], TestToken);
        AssertLinks(await LinkAsync("i", [.. Enumerable.Range(0, rows).Select(Id)]), linked: rows);
        Assert.Equal(rows, (await ListIdsAsync(new SpanQuery { IncidentId = "i" })).Count);
    }

    [Theory]
    [MemberData(nameof(Samples.HostileText), MemberType = typeof(Samples))]
    public async Task Hostile_ids_are_linked_like_others(string text)
    {
        await Spans.AddAsync([Samples.Span("x" + text), Samples.Span("other" + text)], TestToken);
        AssertLinks(await LinkAsync("i" + text, "x" + text), linked: 1);
        Assert.Equal(["x" + text], await ListIdsAsync(new SpanQuery { IncidentId = "i" + text }));
    }

    [Fact]
    public async Task A_trace_is_listed_by_the_first_part_of_the_ids()
    {
        await Spans.AddAsync(
            [
                Samples.Span("t1:b", 1), Samples.Span("t1:a", 2), Samples.Span("t1", 3), Samples.Span("t10:a", 4), Samples.Span("t1:"),
                Samples.Span("t1;a"), Samples.Span("T1:a"), Samples.Span("t1:\U0001F9EF"), Samples.Span("t1:\uE000"), Samples.Span("t1:x:y"),
            ],
            TestToken);
        Assert.Equal(["t1:", "t1:a", "t1:b", "t1:x:y", "t1:\uE000", "t1:\U0001F9EF"], await ListTraceAsync("t1"));
        Assert.Equal(["t1:x:y"], await ListTraceAsync("t1:x"));
        Assert.Empty(await ListTraceAsync("t"));
    }

    [Fact]
    public async Task A_long_trace_is_listed_whole()
    {
        var rows = Backend.PagingRows;
        await Spans.AddAsync([.. Enumerable.Range(0, rows).Select(i => Samples.Span("t:" + Id(i), rows - i))], TestToken);
        Assert.Equal(Enumerable.Range(0, rows).Select(i => "t:" + Id(i)), await ListTraceAsync("t"));
    }

    [Fact]
    public async Task The_oldest_spans_without_an_incident_are_deleted_and_no_other()
    {
        await Spans.AddAsync(
            [.. Enumerable.Range(0, 10).Select(i => Samples.Span(Id(i), i)), Samples.Span("zz", 0, incidentId: "i"), Samples.Span("t:1", 1)],
            TestToken);
        Assert.Equal(3, await Retention.DeleteBaselineAsync(1, 8, 3, TestToken));
        Assert.Equal([Id(0), "zz", .. Enumerable.Range(3, 7).Select(Id)], await ListIdsAsync(new SpanQuery()));
        Assert.Equal(5, await Retention.DeleteBaselineAsync(1, 8, 100, TestToken));
        Assert.Equal(0, await Retention.DeleteBaselineAsync(1, 8, 100, TestToken));
        Assert.Equal([Id(0), "zz", Id(8), Id(9)], await ListIdsAsync(new SpanQuery()));
        Assert.Empty(await ListTraceAsync("t"));
        AssertResult(await Spans.AddAsync([Samples.Span(Id(1), 1)], TestToken), added: 1);
    }

    [Fact]
    public async Task A_span_is_deleted_or_linked_and_never_both()
    {
        await Spans.AddAsync([.. Enumerable.Range(0, 200).Select(i => Samples.Span(Id(i), i))], TestToken);
        var results = await RaceAsync(
            async racer => racer % 2 == 0
                ? await Retention.DeleteBaselineAsync(0, 200, 25, TestToken)
                : -(await LinkAsync("i", [.. Enumerable.Range(racer * 10, 20).Select(Id)])).Linked,
            racers: 16);
        var left = await ListIdsAsync(new SpanQuery());
        Assert.Equal(-results.Where(result => result < 0).Sum(), (await ListIdsAsync(new SpanQuery { IncidentId = "i" })).Count);
        Assert.Equal(200 - left.Count, results.Where(result => result > 0).Sum());
    }

    [Fact]
    public async Task Linking_and_deleting_that_is_cancelled_before_it_starts_does_nothing()
    {
        await Spans.AddAsync([Samples.Span("a", 1)], TestToken);
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Linker.LinkAsync("i", ["a"], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Retention.DeleteBaselineAsync(0, 9, 9, cancelled));
        await AssertStoredAsync(Samples.Span("a", 1));
    }

    private Task<SpanLinkResult> LinkAsync(string incidentId, params string[] ids) => Linker.LinkAsync(incidentId, ids, TestToken).AsTask();

    private async Task<List<string>> ListTraceAsync(string traceId) =>
        [.. (await ReadAllAsync(Linker.ListTraceAsync(traceId, TestToken))).Select(span => span.SpanId)];

    private static void AssertLinks(
        SpanLinkResult result, int linked = 0, int already = 0, string[]? conflicts = null, string[]? unknown = null)
    {
        Assert.Equal((linked, already), (result.Linked, result.AlreadyLinked));
        Assert.Equal(conflicts ?? [], result.Conflicts);
        Assert.Equal(unknown ?? [], result.Unknown);
    }
}
