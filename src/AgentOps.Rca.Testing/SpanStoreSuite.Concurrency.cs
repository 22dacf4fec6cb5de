using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Testing;

public abstract partial class SpanStoreSuite
{
    [Fact]
    public async Task Of_many_writers_of_one_span_exactly_one_adds_it()
    {
        var results = await RaceAsync(_ => Spans.AddAsync([Samples.Span("a")], TestToken).AsTask());
        Assert.Equal(1, results.Sum(result => result.Added));
        Assert.Equal(Racers - 1, results.Sum(result => result.Duplicates));
        Assert.Empty(results.SelectMany(result => result.Conflicts));
    }

    [Fact]
    public async Task Of_many_different_spans_under_one_id_exactly_one_is_added()
    {
        var results = await RaceAsync(racer => Spans.AddAsync([Samples.Span("a", racer)], TestToken).AsTask());
        var winner = Assert.Single(Enumerable.Range(0, Racers), racer => results[racer].Added == 1);
        Assert.Equal(Racers - 1, results.Sum(result => result.Conflicts.Count));
        await AssertStoredAsync(Samples.Span("a", winner));
    }

    [Fact]
    public async Task Batches_that_overlap_in_any_order_add_each_span_once()
    {
        const int Ids = 200;
        var results = await RaceAsync(
            racer =>
            {
                var order = Enumerable.Range(0, Ids).ToArray();
                new Random(racer).Shuffle(order);
                return Spans.AddAsync([.. order.Select(i => Samples.Span(Id(i), i))], TestToken).AsTask();
            },
            racers: 16);
        Assert.Equal(Ids, results.Sum(result => result.Added));
        Assert.Equal(Ids * 15, results.Sum(result => result.Duplicates));
        Assert.Empty(results.SelectMany(result => result.Conflicts));
        Assert.Equal(Enumerable.Range(0, Ids).Select(Id), await ListIdsAsync(new SpanQuery()));
    }

    [Fact]
    public async Task A_write_is_visible_to_all_as_soon_as_it_returns()
    {
        var seen = await RaceAsync(async racer =>
        {
            await Spans.AddAsync([Samples.Span(Id(racer), incidentId: $"i{racer}")], TestToken);
            return await Spans.GetAsync(Id(racer), TestToken) is not null
                && (await ListIdsAsync(new SpanQuery { IncidentId = $"i{racer}" })).Count == 1;
        });
        Assert.DoesNotContain(false, seen);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_before_it_starts_does_nothing()
    {
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Spans.AddAsync([Samples.Span("a")], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Spans.GetAsync("a", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await ReadAllAsync(Spans.ListAsync(new SpanQuery(), cancelled)));
        Assert.Null(await Spans.GetAsync("a", TestToken));
    }

    [Fact]
    public async Task A_batch_that_was_cancelled_halfway_can_be_repeated()
    {
        var batch = Enumerable.Range(0, Backend.PagingRows).Select(i => Samples.Span(Id(i), i)).ToArray();
        using var cancellation = new CancellationTokenSource();
        var write = Spans.AddAsync(batch, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Record.ExceptionAsync(() => write);

        var again = await Spans.AddAsync(batch, TestToken);
        Assert.Equal(batch.Length, again.Added + again.Duplicates);
        Assert.Equal(batch.Length, (await ListIdsAsync(new SpanQuery())).Count);
    }
}
