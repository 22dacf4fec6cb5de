using System.Text;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Testing;

public abstract partial class SpanStoreSuite
{
    [Fact]
    public async Task Spans_are_listed_by_start_then_by_the_bytes_of_their_id()
    {
        string[] ids = ["", "A", "B", "a", "aa", "b", "~", "\u00e9", "\u0800", "\ud7ff", "\uE000", "\uFFFD", "\U00010000", "\U0001F9EF", "\U0010FFFF"];
        var spans = ids.Reverse().SelectMany(id => new[] { Samples.Span("2" + id, 2), Samples.Span("1" + id, 2), Samples.Span("0" + id, -5) });
        await Spans.AddAsync([.. spans], TestToken);
        var expected = ids.Select(id => "0" + id).Concat(ids.Select(id => "1" + id)).Concat(ids.Select(id => "2" + id)).ToList();
        Assert.Equal(expected, await ListIdsAsync(new SpanQuery()));
        Assert.Equal(expected, await PageIdsAsync(new SpanQuery(), pageSize: 1));
    }

    [Fact]
    public async Task Every_combination_of_filters_finds_what_its_words_say()
    {
        string?[] incidents = [null, "i1", "i2"];
        var all = Enumerable.Range(0, 180).Select(i => Samples.Span(
            $"s{i * 37 % 180:000}", startTs: i * 7 % 20, tool: $"t{i % 4}", incidentId: incidents[i / 4 % 3])).ToArray();
        await Spans.AddAsync(all, TestToken);
        var queries =
            from incident in incidents
            from withoutIncident in incident is null ? new[] { false, true } : [false]
            from tool in new[] { null, "t1", "none" }
            from fromTs in new long?[] { null, 5 }
            from toTs in new long?[] { null, 15 }
            from after in new SpanCursor?[] { null, new SpanCursor(3, "s050"), new SpanCursor(7, "s"), new SpanCursor(7, "s090x") }
            from limit in new int?[] { null, 0, 3 }
            select new SpanQuery
            {
                IncidentId = incident,
                WithoutIncident = withoutIncident,
                Tool = tool,
                FromTs = fromTs,
                ToTs = toTs,
                After = after,
                Limit = limit,
            };
        foreach (var query in queries)
        {
            Assert.Equal(Expected(all, query), await ListIdsAsync(query));
        }
    }

    [Fact]
    public async Task Evidence_and_what_was_made_of_it_are_listed_apart()
    {
        string[] tools =
        [
            "tool.call/rca.", "rca.analyze/trace", "rca.", "rca", "RCA.analyze", "rcax", "human.approval", "human.", "humanx", "Human.approval",
            "llm.call/rca", "llm.call/rca2", "LLM.call/rca", "", "agent.run/human.x", ToolNames.Notification, ToolNames.Log,
        ];
        var all = Enumerable.Range(0, tools.Length * 4).Select(i => Samples.Span(
            Id(i), startTs: i % 9, tool: tools[i % tools.Length], incidentId: i / tools.Length % 2 == 0 ? null : "i1")).ToArray();
        await Spans.AddAsync(all, TestToken);
        var queries =
            from evidence in new[] { true, false }
            from incident in new[] { null, "i1" }
            from tool in new[] { null, "rca.analyze/trace" }
            from after in new SpanCursor?[] { null, new SpanCursor(4, Id(9)) }
            from limit in new int?[] { null, 3 }
            select new SpanQuery { IsEvidence = evidence, IncidentId = incident, Tool = tool, After = after, Limit = limit };
        foreach (var query in queries)
        {
            Assert.Equal(Expected(all, query), await ListIdsAsync(query));
        }
    }

    [Fact]
    public async Task That_somebody_was_told_of_an_incident_is_no_evidence_and_what_its_calls_logged_is()
    {
        await Spans.AddAsync(
            [
                Samples.Span("notified", 1, "rca.notify", "i"), Samples.Span("logged", 2, "otel.log", "i"), Samples.Span("called", 3, incidentId: "i"),
                Samples.Span("analysed", 4, "rca.analyze/trace", "i"),
            ],
            TestToken);
        Assert.Equal(["logged", "called"], await ListIdsAsync(new SpanQuery { IncidentId = "i", IsEvidence = true }));
        Assert.Equal(["notified", "analysed"], await ListIdsAsync(new SpanQuery { IncidentId = "i", IsEvidence = false }));
        Assert.Equal(["notified"], await ListIdsAsync(new SpanQuery { Tool = "rca.notify", IsEvidence = false }));
        Assert.Empty(await ListIdsAsync(new SpanQuery { Tool = "rca.notify", IsEvidence = true }));
    }

    [Fact]
    public async Task A_limit_of_nothing_lists_nothing_and_a_large_one_lists_all()
    {
        await Spans.AddAsync([Samples.Span("a"), Samples.Span("b")], TestToken);
        Assert.Empty(await ListIdsAsync(new SpanQuery { Limit = 0 }));
        Assert.Equal(["a", "b"], await ListIdsAsync(new SpanQuery { Limit = int.MaxValue }));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(1_000)]
    public async Task Pages_visit_each_span_once(int pageSize)
    {
        var rows = pageSize < 100 ? Backend.PagingRows / 10 : Backend.PagingRows;
        await AddManyAsync(rows);
        Assert.Equal(Enumerable.Range(0, rows).Select(Id), await PageIdsAsync(new SpanQuery { IncidentId = "i" }, pageSize));
    }

    [Fact]
    public async Task A_long_listing_is_in_order_and_whole()
    {
        await AddManyAsync(Backend.PagingRows);
        Assert.Equal(Enumerable.Range(0, Backend.PagingRows).Select(Id), await ListIdsAsync(new SpanQuery { IncidentId = "i" }));
    }

    [Fact]
    public async Task Spans_that_start_together_are_paged_by_id()
    {
        var rows = Backend.PagingRows;
        await Spans.AddAsync([.. Enumerable.Range(0, rows).Select(i => Samples.Span(Id(rows - 1 - i), 5))], TestToken);
        Assert.Equal(Enumerable.Range(0, rows).Select(Id), await PageIdsAsync(new SpanQuery(), pageSize: 499));
    }

    [Fact]
    public async Task Paging_sees_every_span_that_was_there_once_while_others_write()
    {
        var rows = Backend.PagingRows;
        await AddManyAsync(rows);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestToken);
        var writer = Task.Run(async () =>
        {
            // Bounded: a writer that is faster than the reader would keep the listing from ever ending.
            for (var i = 0; i < rows && !stop.IsCancellationRequested; i++)
            {
                await Spans.AddAsync([Samples.Span($"new-{i}-a", i * 31 % rows, incidentId: "i"), Samples.Span($"new-{i}-b", i)], TestToken);
            }
        }, TestToken);
        var paged = await PageIdsAsync(new SpanQuery { IncidentId = "i" }, pageSize: 250);
        var listed = await ListIdsAsync(new SpanQuery { IncidentId = "i" });
        await stop.CancelAsync();
        await writer;

        foreach (var seen in (List<string>[])[paged, listed])
        {
            Assert.Equal(seen.Count, seen.Distinct().Count());
            Assert.Equal(Enumerable.Range(0, rows).Select(Id), seen.Where(id => !id.StartsWith("new", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task A_listing_can_be_read_while_its_reader_writes()
    {
        await Spans.AddAsync([Samples.Span("a", 1), Samples.Span("b", 2)], TestToken);
        await foreach (var span in Spans.ListAsync(new SpanQuery(), TestToken))
        {
            AssertResult(await Spans.AddAsync([Samples.Span("copy-" + span.SpanId, -span.StartTs)], TestToken), added: 1);
        }
    }

    [Fact]
    public async Task A_listing_ends_when_it_is_cancelled()
    {
        await AddManyAsync(Backend.PagingRows);
        using var cancellation = new CancellationTokenSource();
        var seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in Spans.ListAsync(new SpanQuery(), cancellation.Token))
            {
                if (++seen == 10)
                {
                    await cancellation.CancelAsync();
                }
            }
        });
        Assert.InRange(seen, 10, Backend.PagingRows - 1);
    }

    [Fact]
    public async Task A_listing_can_be_left_early_many_times()
    {
        await AddManyAsync(50);
        for (var i = 0; i < 100; i++)
        {
            await foreach (var span in Spans.ListAsync(new SpanQuery { IncidentId = "i" }, TestToken))
            {
                Assert.Equal(Id(0), span.SpanId);
                break;
            }
        }

        Assert.Equal(50, (await ListIdsAsync(new SpanQuery())).Count);
    }

    private static string Id(int number) => $"span-{number:000000}";

    private static List<string> Expected(IEnumerable<Span> all, SpanQuery query) =>
    [
        .. all
            .Where(span => query.IncidentId is null || span.IncidentId == query.IncidentId)
            .Where(span => !query.WithoutIncident || span.IncidentId is null)
            .Where(span => query.Tool is null || span.Tool == query.Tool)
            .Where(span => query.IsEvidence is null || ToolNames.IsEvidence(span.Tool) == query.IsEvidence)
            .Where(span => span.StartTs >= (query.FromTs ?? long.MinValue) && span.StartTs < (query.ToTs ?? long.MaxValue))
            .Where(span => query.After is not { } after || span.StartTs > after.StartTs
                || (span.StartTs == after.StartTs && Utf8(span.SpanId).AsSpan().SequenceCompareTo(Utf8(after.SpanId)) > 0))
            .OrderBy(span => span.StartTs).ThenBy(span => span.SpanId, StringComparer.Ordinal)
            .Select(span => span.SpanId).Take(query.Limit ?? int.MaxValue),
    ];

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private async Task AddManyAsync(int rows)
    {
        var order = Enumerable.Range(0, rows).ToArray();
        new Random(7).Shuffle(order);
        foreach (var batch in order.Chunk(1_000))
        {
            await Spans.AddAsync([.. batch.Select(i => Samples.Span(Id(i), i, incidentId: "i"))], TestToken);
        }
    }

    private async Task<List<string>> PageIdsAsync(SpanQuery query, int pageSize)
    {
        List<string> ids = [];
        while (true)
        {
            var page = await ReadAllAsync(Spans.ListAsync(query with { Limit = pageSize }, TestToken));
            ids.AddRange(page.Select(span => span.SpanId));
            if (page.Count < pageSize)
            {
                return ids;
            }

            query = query with { After = new SpanCursor(page[^1].StartTs, page[^1].SpanId) };
        }
    }
}
