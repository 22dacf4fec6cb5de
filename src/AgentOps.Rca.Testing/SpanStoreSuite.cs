using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Testing;

/// <summary>What every <see cref="ISpanStore"/> does. A backend subclasses it and adds nothing.</summary>
/// <param name="backend">The backend under test.</param>
public abstract partial class SpanStoreSuite(StoreBackend backend) : StoreSuite(backend)
{
    /// <inheritdoc/>
    protected sealed override object StoreUnderTest => Spans;

    private ISpanStore Spans => Stores.Spans;

    [Fact]
    public async Task A_new_span_is_added_and_read_back()
    {
        var span = Samples.Span("a") with { ParentId = "p", ArgsDigest = new string('1', 64), ResultDigest = new string('2', 64), IncidentId = "i" };
        AssertResult(await Spans.AddAsync([span], TestToken), added: 1);
        await AssertStoredAsync(span);
    }

    [Fact]
    public async Task A_text_that_is_empty_is_another_than_one_that_is_not_there()
    {
        var span = Samples.Span("a") with { ParentId = "", Tool = "", ArgsDigest = "", ResultDigest = "" };
        AssertResult(await Spans.AddAsync([span], TestToken), added: 1);
        await AssertStoredAsync(span);
        Assert.Equal(1, (await Spans.AddAsync([span], TestToken)).Duplicates);
        Assert.Equal(["a"], (await Spans.AddAsync([span with { ParentId = null }], TestToken)).Conflicts);
    }

    [Fact]
    public async Task What_no_store_can_keep_is_refused_by_each_of_them()
    {
        Span[] refused =
        [
            Samples.Span("a\0"), Samples.Span("a") with { Tool = "\ud800" }, Samples.Span("a") with { ParentId = "\0" }, Samples.Span("a") with { Attributes = default },
            Samples.Span("a") with { Attributes = Samples.Json("[]") }, Samples.Span("a") with { Attributes = Samples.Json("""{"a":["\u0000"]}""") },
            Samples.Span("a") with { Attributes = Samples.Json("""{"a":"\ud83d"}""") }, Samples.Span("a") with { Attributes = Samples.Json("""{"a":123456789012345678901}""") },
            Samples.Span("a") with { Attributes = Samples.Json("""{"a":1,"a":1}""") }, Samples.Span("a") with { Attributes = Samples.Deep(65) },
        ];
        foreach (var span in refused)
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await Spans.AddAsync([Samples.Span("b"), span], TestToken));
        }

        Assert.Null(await Spans.GetAsync("a", TestToken));
        Assert.Null(await Spans.GetAsync("b", TestToken));
        AssertResult(await Spans.AddAsync([Samples.Span("a") with { Attributes = Samples.Deep(64) }], TestToken), added: 1);
    }

    [Fact]
    public async Task Members_that_are_null_stay_null()
    {
        var span = new Span { SpanId = "a", Tool = "t", StartTs = 1, EndTs = 2 };
        await Spans.AddAsync([span], TestToken);
        var stored = await AssertStoredAsync(span);
        Assert.Equal((null, null, null, null), (stored.ParentId, stored.ArgsDigest, stored.ResultDigest, stored.IncidentId));
    }

    [Fact]
    public async Task An_unknown_id_is_null()
    {
        await Spans.AddAsync([Samples.Span("a")], TestToken);
        Assert.Null(await Spans.GetAsync("A", TestToken));
        Assert.Null(await Spans.GetAsync("", TestToken));
    }

    [Fact]
    public async Task A_second_write_of_the_same_span_is_a_duplicate()
    {
        await Spans.AddAsync([Samples.Span("a", attributes: """{"x":1,"y":[1.0,2]}""")], TestToken);
        AssertResult(await Spans.AddAsync([Samples.Span("a", attributes: """{ "y":[1,2e0], "x":1 }""")], TestToken), duplicates: 1);
    }

    [Fact]
    public async Task Any_other_member_under_the_same_id_is_a_conflict_and_the_first_stays()
    {
        var first = Samples.Span("a") with { ParentId = "p", ArgsDigest = "1", ResultDigest = "2", IncidentId = "i" };
        await Spans.AddAsync([first], TestToken);
        Span[] others =
        [
            first with { ParentId = "q" }, first with { ParentId = null }, first with { Tool = "other" }, first with { StartTs = 999 },
            first with { EndTs = 999 }, first with { ArgsDigest = "2" }, first with { ArgsDigest = null }, first with { ResultDigest = null },
            first with { IncidentId = "j" }, first with { Attributes = Samples.Json("""{"status":"error"}""") },
            first with { Attributes = Samples.Json("{}") }, first with { Attributes = Samples.Json("""{"status":"ok","more":null}""") },
        ];
        foreach (var other in others)
        {
            AssertResult(await Spans.AddAsync([other], TestToken), conflicts: ["a"]);
        }

        await AssertStoredAsync(first);
    }

    [Fact]
    public async Task A_batch_tells_added_duplicate_and_conflicting_spans_apart()
    {
        await Spans.AddAsync([Samples.Span("a"), Samples.Span("b"), Samples.Span("c")], TestToken);
        var result = await Spans.AddAsync(
            [Samples.Span("c", tool: "x"), Samples.Span("d"), Samples.Span("b"), Samples.Span("a", tool: "x"), Samples.Span("e")], TestToken);
        AssertResult(result, added: 2, duplicates: 1, conflicts: ["c", "a"]);
    }

    [Fact]
    public async Task An_id_that_is_twice_in_a_batch_counts_once_and_the_first_stays()
    {
        var result = await Spans.AddAsync(
            [Samples.Span("a"), Samples.Span("b"), Samples.Span("a"), Samples.Span("b", tool: "other"), Samples.Span("a")], TestToken);
        AssertResult(result, added: 2, duplicates: 2, conflicts: ["b"]);
        await AssertStoredAsync(Samples.Span("b"));
    }

    [Fact]
    public async Task An_empty_batch_does_nothing()
    {
        AssertResult(await Spans.AddAsync([], TestToken));
        Assert.Empty(await ReadAllAsync(Spans.ListAsync(new SpanQuery(), TestToken)));
    }

    [Fact]
    public async Task A_batch_of_thousands_is_added_and_repeated()
    {
        var batch = Enumerable.Range(0, Backend.PagingRows).Select(i => Samples.Span($"s{i}", i)).ToArray();
        AssertResult(await Spans.AddAsync(batch, TestToken), added: batch.Length);
        AssertResult(await Spans.AddAsync(batch, TestToken), duplicates: batch.Length);
    }

    [Theory]
    [MemberData(nameof(Samples.HardJson), MemberType = typeof(Samples))]
    public async Task Attributes_come_back_with_the_same_canonical_form(string json)
    {
        var span = Samples.Span("a", attributes: json);
        await Spans.AddAsync([span], TestToken);
        await AssertStoredAsync(span);
        AssertResult(await Spans.AddAsync([span], TestToken), duplicates: 1);
    }

    [Fact]
    public async Task Attributes_of_a_megabyte_come_back_whole()
    {
        var span = Samples.Span("a", attributes: $$"""{"log":"{{string.Concat(Enumerable.Repeat("漢🧯a\\n", 100_000))}}"}""");
        await Spans.AddAsync([span], TestToken);
        await AssertStoredAsync(span);
    }

    [Theory]
    [InlineData(long.MinValue, long.MaxValue)]
    [InlineData(long.MaxValue, long.MinValue)]
    [InlineData(0, -1)]
    [InlineData(1_767_225_600_123_456_789, 1_767_225_600_123_456_788)]
    public async Task Timestamps_of_any_size_come_back_as_given(long startTs, long endTs)
    {
        var span = Samples.Span("a") with { StartTs = startTs, EndTs = endTs };
        await Spans.AddAsync([span], TestToken);
        await AssertStoredAsync(span);
        Assert.Equal(["a"], await ListIdsAsync(new SpanQuery { FromTs = startTs }));
        Assert.Empty(await ListIdsAsync(new SpanQuery { ToTs = startTs }));
        Assert.Empty(await ListIdsAsync(new SpanQuery { After = new SpanCursor(startTs, "a") }));
    }

    [Theory]
    [MemberData(nameof(Samples.HostileText), MemberType = typeof(Samples))]
    public async Task Hostile_text_is_only_text(string text)
    {
        var span = Samples.Span(text) with { Tool = text, ParentId = text, IncidentId = text };
        AssertResult(await Spans.AddAsync([span, Samples.Span("other" + text, incidentId: "other")], TestToken), added: 2);
        await AssertStoredAsync(span);
        Assert.Equal([text], await ListIdsAsync(new SpanQuery { Tool = text }));
        Assert.Equal([text], await ListIdsAsync(new SpanQuery { IncidentId = text }));
        Assert.Equal(["other" + text], await ListIdsAsync(new SpanQuery { IncidentId = "other" }));
    }

    [Fact]
    public async Task Ids_that_differ_only_in_case_accents_form_or_spaces_are_different()
    {
        string[] ids = ["a", "A", "a ", " a", "á", "a\u0301", "ａ"];
        AssertResult(await Spans.AddAsync([.. ids.Select(id => Samples.Span(id))], TestToken), added: ids.Length);
        foreach (var id in ids)
        {
            Assert.Equal(id, (await Spans.GetAsync(id, TestToken))?.SpanId);
        }
    }

    [Fact]
    public async Task The_longest_ids_are_kept()
    {
        var random = new Random(1);
        var id = string.Concat(Enumerable.Range(0, Backend.LongestKey).Select(_ => (char)('a' + random.Next(26))));
        var span = Samples.Span(id, incidentId: id, tool: id);
        await Spans.AddAsync([span], TestToken);
        await AssertStoredAsync(span);
        Assert.Equal([id], await ListIdsAsync(new SpanQuery { IncidentId = id, After = new SpanCursor(span.StartTs, id[..^1]) }));
    }

    [Fact]
    public async Task What_was_added_is_there_after_the_store_is_reopened()
    {
        SkipUnless(Backend.IsDurable, "keeps nothing beyond the process");
        var span = Samples.Span("a", attributes: """{"n":[1,{"x":"🧯"}]}""");
        await Spans.AddAsync([span], TestToken);
        await Stores.ReopenAsync();
        await AssertStoredAsync(span);
        AssertResult(await Spans.AddAsync([span, Samples.Span("b")], TestToken), added: 1, duplicates: 1);
    }

    private async Task<Span> AssertStoredAsync(Span expected)
    {
        var stored = await Spans.GetAsync(expected.SpanId, TestToken);
        Assert.NotNull(stored);
        Assert.Equal(expected with { Attributes = default }, stored with { Attributes = default });
        Samples.AssertSameJson(expected.Attributes, stored.Attributes);
        return stored;
    }

    private async Task<List<string>> ListIdsAsync(SpanQuery query) =>
        [.. (await ReadAllAsync(Spans.ListAsync(query, TestToken))).Select(span => span.SpanId)];

    private static void AssertResult(SpanWriteResult result, int added = 0, int duplicates = 0, params string[] conflicts)
    {
        Assert.Equal((added, duplicates), (result.Added, result.Duplicates));
        Assert.Equal(conflicts, result.Conflicts);
    }
}
