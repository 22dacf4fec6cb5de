using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Tests.Spans;

public sealed class ReadAheadTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(10_000)]
    public async Task Every_item_comes_once_and_in_order(int count)
    {
        var items = await ReadAhead.Of(Numbers(count), TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Range(0, count), items);
    }

    [Fact]
    public async Task What_goes_wrong_in_the_listing_reaches_the_reader_after_the_items_before_it()
    {
        var seen = 0;

        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
        {
            await foreach (var _ in ReadAhead.Of(Numbers(1_000, failAt: 700)))
            {
                seen++;
            }
        });

        Assert.Equal("gone", failure.Message);
        Assert.Equal(512, seen);
    }

    [Fact]
    public async Task Who_stops_early_stops_the_listing()
    {
        var listing = new Listing();

        await foreach (var number in ReadAhead.Of(listing.Endless()))
        {
            if (number == 300)
            {
                break;
            }
        }

        Assert.True(listing.Ended);
        Assert.True(listing.Given < 300 + (10 * 256), $"{listing.Given} items were read.");
    }

    [Fact]
    public async Task A_cancelled_reader_is_told_so()
    {
        using var cancelled = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var number in ReadAhead.Of(new Listing().Endless(), cancelled.Token))
            {
                if (number == 100)
                {
                    await cancelled.CancelAsync();
                }
            }
        });
    }

    private static async IAsyncEnumerable<int> Numbers(int count, int failAt = -1)
    {
        for (var i = 0; i < count; i++)
        {
            if (i == failAt)
            {
                throw new StoreUnavailableException("gone");
            }

            if (i % 100 == 0)
            {
                await Task.Yield();
            }

            yield return i;
        }
    }

    private sealed class Listing
    {
        public bool Ended { get; private set; }

        public int Given { get; private set; }

        public async IAsyncEnumerable<int> Endless()
        {
            try
            {
                while (true)
                {
                    await Task.Yield();
                    yield return Given++;
                }
            }
            finally
            {
                Ended = true;
            }
        }
    }
}
