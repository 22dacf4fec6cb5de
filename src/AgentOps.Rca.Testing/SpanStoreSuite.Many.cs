using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Testing;

public abstract partial class SpanStoreSuite
{
    [Fact]
    public async Task Spans_are_found_by_many_ids_each_once_and_whole()
    {
        Span[] all = [Samples.Span("a", incidentId: "i"), Samples.Span("b", attributes: """{"x":[1.5,{"y":"漢"}]}"""), Samples.Span("c:d", tool: "rca.analyze/trace")];
        await Spans.AddAsync(all, TestToken);
        var found = await ReadAllAsync(Spans.FindAsync(["c:d", "nothing", "a", "a", "", "A", "b", "c:d"], TestToken));
        Assert.Equal(["a", "b", "c:d"], found.Select(span => span.SpanId).Order(StringComparer.Ordinal));
        foreach (var span in found)
        {
            Assert.True(span.IsSameAs(all.Single(one => one.SpanId == span.SpanId)), span.SpanId);
        }
    }

    [Fact]
    public async Task No_ids_find_no_spans()
    {
        await Spans.AddAsync([Samples.Span("a")], TestToken);
        Assert.Empty(await ReadAllAsync(Spans.FindAsync([], TestToken)));
        Assert.Empty(await ReadAllAsync(Spans.FindAsync(["b"], TestToken)));
    }

    [Theory]
    [MemberData(nameof(Samples.HostileText), MemberType = typeof(Samples))]
    public async Task Hostile_ids_among_many_are_only_text(string text)
    {
        await Spans.AddAsync([Samples.Span(text), Samples.Span("other" + text), Samples.Span("third")], TestToken);
        var found = await ReadAllAsync(Spans.FindAsync([text, "other" + text, "none" + text], TestToken));
        Assert.Equal(new[] { text, "other" + text }.Order(StringComparer.Ordinal), found.Select(span => span.SpanId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Thousands_of_ids_are_found_though_each_span_is_large()
    {
        var count = Backend.PagingRows;
        var attributes = $$"""{"text":"{{new string('x', 4_000)}}"}""";
        await Spans.AddAsync([.. Enumerable.Range(0, count).Select(i => Samples.Span($"s{i}", i, attributes: attributes))], TestToken);
        List<string> ids = [.. Enumerable.Range(-100, count + 200).Select(i => $"s{i}")];
        ids.AddRange(ids[..200]);
        var found = await ReadAllAsync(Spans.FindAsync(ids, TestToken));
        Assert.Equal(count, found.Count);
        Assert.Equal(count, found.Select(span => span.SpanId).Distinct(StringComparer.Ordinal).Count());
        Assert.All(found, span => Assert.Equal(4_000, span.Attributes.GetProperty("text").GetString()!.Length));
    }

    [Fact]
    public async Task What_was_made_of_the_evidence_of_many_incidents_is_listed_once_and_nothing_else()
    {
        Span[] findings = [Samples.Span("1", tool: "rca.analyze/trace", incidentId: "i"), Samples.Span("2", tool: "human.approval", incidentId: "j"), Samples.Span("3", tool: "llm.call/rca", incidentId: "i", attributes: """{"x":[1.5]}""")];
        await Spans.AddAsync([.. findings, Samples.Span("4", incidentId: "i"), Samples.Span("5", tool: "rca.analyze/trace", incidentId: "k"), Samples.Span("6", tool: "rca.analyze/trace")], TestToken);

        var found = await ReadAllAsync(Spans.ListFindingsAsync(["j", "i", "i", "none"], TestToken));

        Assert.Equal(["1", "2", "3"], found.Select(span => span.SpanId).Order(StringComparer.Ordinal));
        Assert.All(found, span => Assert.True(span.IsSameAs(findings.Single(one => one.SpanId == span.SpanId)), span.SpanId));
        Assert.Empty(await ReadAllAsync(Spans.ListFindingsAsync([], TestToken)));
    }

    [Fact]
    public async Task Hundreds_of_incidents_with_thousands_of_findings_are_listed_whole()
    {
        var count = Backend.PagingRows;
        await Spans.AddAsync([.. Enumerable.Range(0, count).Select(i => Samples.Span($"f{i}", i % 7, tool: "rca.analyze/trace", incidentId: $"00000000-0000-0000-0000-{i % 300:D12}"))], TestToken);

        var found = await ReadAllAsync(Spans.ListFindingsAsync([.. Enumerable.Range(0, 400).Select(i => $"00000000-0000-0000-0000-{i:D12}")], TestToken));

        Assert.Equal(count, found.Count);
        Assert.Equal(count, found.Select(span => span.SpanId).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [MemberData(nameof(Samples.HostileText), MemberType = typeof(Samples))]
    public async Task Hostile_ids_of_incidents_among_many_are_only_text(string text)
    {
        await Spans.AddAsync([Samples.Span("a", tool: "rca.analyze/trace", incidentId: "x" + text), Samples.Span("b", tool: "rca.analyze/trace", incidentId: "y" + text), Samples.Span("c", tool: "rca.analyze/trace", incidentId: "z")], TestToken);

        var found = await ReadAllAsync(Spans.ListFindingsAsync(["x" + text, "y" + text, new string('l', 3_000)], TestToken));

        Assert.Equal(["a", "b"], found.Select(span => span.SpanId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_spans_of_an_incident_are_counted_as_they_are_added_and_linked()
    {
        Assert.Equal(0, await Spans.CountAsync("i", TestToken));
        await Spans.AddAsync([Samples.Span("a", incidentId: "i"), Samples.Span("b"), Samples.Span("c", incidentId: "j"), Samples.Span("d", incidentId: "i")], TestToken);
        Assert.Equal((2, 1, 0), (await Spans.CountAsync("i", TestToken), await Spans.CountAsync("j", TestToken), await Spans.CountAsync("I", TestToken)));

        // Neither a repeat nor a conflict counts.
        await Spans.AddAsync([Samples.Span("a", incidentId: "i"), Samples.Span("d", tool: "other", incidentId: "i"), Samples.Span("b", incidentId: "i"), Samples.Span("e", incidentId: "i")], TestToken);
        Assert.Equal(3, await Spans.CountAsync("i", TestToken));

        SkipUnless(Spans is ISpanLinker, "links no spans");
        var linker = (ISpanLinker)Spans;
        await linker.LinkAsync("i", ["b", "a", "c", "none"], TestToken);
        await linker.LinkAsync("i", ["b"], TestToken);
        await linker.LinkAsync("j", ["b"], TestToken);
        Assert.Equal((4, 1), (await Spans.CountAsync("i", TestToken), await Spans.CountAsync("j", TestToken)));
    }

    [Theory]
    [MemberData(nameof(Samples.HostileText), MemberType = typeof(Samples))]
    public async Task The_spans_of_an_incident_with_a_hostile_name_are_counted(string text)
    {
        await Spans.AddAsync([Samples.Span("a", incidentId: text), Samples.Span("b", incidentId: "other" + text), Samples.Span("c", incidentId: text)], TestToken);
        Assert.Equal((2, 1), (await Spans.CountAsync(text, TestToken), await Spans.CountAsync("other" + text, TestToken)));
    }

    [Fact]
    public async Task What_is_deleted_of_the_baseline_changes_no_count()
    {
        SkipUnless(Spans is ISpanRetention, "deletes no spans");
        await Spans.AddAsync([Samples.Span("a", 1), Samples.Span("b", 2, incidentId: "i"), Samples.Span("c", 3)], TestToken);
        Assert.Equal(2, await ((ISpanRetention)Spans).DeleteBaselineAsync(0, 10, 10, TestToken));
        Assert.Equal(1, await Spans.CountAsync("i", TestToken));
    }

    [Fact]
    public async Task Counts_are_exact_when_many_write_at_once()
    {
        var each = Backend.PagingRows / 10;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async writer =>
        {
            // Every span is written by two of them, and half of them are linked afterwards.
            var spans = Enumerable.Range(writer / 2 * each, each)
                .Select(i => Samples.Span($"s{i}", i, incidentId: i % 2 == 0 ? $"i{i % 3}" : null)).ToArray();
            foreach (var batch in spans.Chunk(Math.Max(1, each / 5)))
            {
                await Spans.AddAsync(batch, TestToken);
            }

            if (Spans is ISpanLinker linker)
            {
                await linker.LinkAsync("i0", [.. spans.Where(span => span.IncidentId is null).Select(span => span.SpanId)], TestToken);
            }
        }));
        foreach (var incident in (string[])["i0", "i1", "i2"])
        {
            Assert.Equal((await ListIdsAsync(new SpanQuery { IncidentId = incident })).Count, await Spans.CountAsync(incident, TestToken));
        }
    }

    [Fact]
    public async Task A_listing_without_attributes_has_everything_else()
    {
        Span[] all =
        [
            Samples.Span("a", 1, incidentId: "i", attributes: """{"x":1}""") with { ParentId = "p", ArgsDigest = new string('1', 64), ResultDigest = new string('2', 64) },
            Samples.Span("b", 2, tool: "rca.analyze/trace", incidentId: "i", attributes: $$"""{"log":"{{new string('y', 100_000)}}"}"""),
            Samples.Span("c", 3, attributes: """{"z":3}"""),
        ];
        await Spans.AddAsync(all, TestToken);
        foreach (var query in (SpanQuery[])[new(), new() { IncidentId = "i" }, new() { IncidentId = "i", IsEvidence = false }, new() { After = new(1, "a"), Limit = 1 }])
        {
            var whole = await ReadAllAsync(Spans.ListAsync(query, TestToken));
            var bare = await ReadAllAsync(Spans.ListAsync(query with { WithoutAttributes = true }, TestToken));
            Assert.NotEmpty(whole);
            Assert.Equal(whole.Select(span => span with { Attributes = default }), bare.Select(span => span with { Attributes = default }));
            Assert.All(bare, span => Assert.Equal("{}", span.Attributes.GetRawText()));
        }

        // What is stored is not touched.
        await AssertStoredAsync(all[0]);
    }

    [Fact]
    public async Task A_listing_without_attributes_goes_on_from_page_to_page()
    {
        var spans = Enumerable.Range(0, Backend.PagingRows).Select(i => Samples.Span($"s{i:00000}", i / 7, incidentId: "i", attributes: """{"x":1}""")).ToArray();
        await Spans.AddAsync(spans, TestToken);
        Assert.Equal(spans.Select(span => span.SpanId), await ListIdsAsync(new SpanQuery { IncidentId = "i", WithoutAttributes = true }));
    }
}
