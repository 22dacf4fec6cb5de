using AgentOps.Rca.Detection;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Storage.InMemory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace AgentOps.Rca.Tests.Detection;

public sealed class PendingRunsTests
{
    // A13.
    [Fact]
    public void A_key_that_was_put_off_does_not_keep_those_behind_it_back()
    {
        var clock = new FakeTimeProvider();
        var pending = new PendingRuns(clock);
        pending.Add("put off", TimeSpan.FromSeconds(60));
        pending.Add("first", TimeSpan.FromSeconds(2));
        pending.Add("second", TimeSpan.FromSeconds(2));

        clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(("first", "second", null), (pending.Take(), pending.Take(), pending.Take()));
        clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal("put off", pending.Take());
    }

    // A13: what was dropped was called added.
    [Fact]
    public void A_key_that_does_not_fit_is_not_added_and_told_once_for_every_thousand()
    {
        var pending = new PendingRuns(new FakeTimeProvider());
        var added = Enumerable.Range(0, 20_000).Count(number => pending.Add($"k{number}", TimeSpan.Zero));
        var told = Enumerable.Range(0, 2_000).Count(number => !pending.Add($"x{number}", TimeSpan.Zero) && pending.IsDropTold);
        Assert.Equal((20_000, 2_000L, 2), (added, pending.Dropped, told));
        Assert.True(pending.Add("k7", TimeSpan.Zero));
    }

    // A20: a lack that waiting does not mend stops the start, and is not a store that is down.
    [Theory]
    [InlineData(true, "DetectIncidents needs a store that implements ISpanLinker")]
    [InlineData(false, "DropBaselineAfter needs a store that implements ISpanRetention")]
    public async Task A_store_without_an_ability_that_is_asked_for_stops_the_start(bool detects, string sentence)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<ISpanStore>(new PlainStore());
        var rca = services.AddAgentOpsRca().UseInMemory();
        _ = detects ? rca.DetectIncidents() : rca.DropBaselineAfter(TimeSpan.FromDays(1));
        await using var provider = services.BuildServiceProvider();

        var failure = await Assert.ThrowsAsync<StoreSetupException>(async () =>
        {
            foreach (var hosted in provider.GetServices<IHostedService>())
            {
                await hosted.StartAsync(TestContext.Current.CancellationToken);
            }
        });

        Assert.StartsWith(sentence, failure.Message, StringComparison.Ordinal);
        var lack = Assert.Throws<StoreUnavailableException>(() => provider.GetRequiredService<ISpanLinker>().ListTraceAsync("t"));
        Assert.True(lack.IsPermanent);
    }

    private sealed class PlainStore : ISpanStore
    {
        private readonly InMemorySpanStore _inner = new();

        public ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default) => _inner.AddAsync(spans, cancellationToken);

        public ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default) => _inner.GetAsync(spanId, cancellationToken);

        public IAsyncEnumerable<Span> ListAsync(SpanQuery query, CancellationToken cancellationToken = default) => _inner.ListAsync(query, cancellationToken);
    }
}
