using AgentOps.Rca.Storage.Faults;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AgentOps.Rca.Tests.Storage.Faults;

public sealed class StoreRetryTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoreFault.NotDone, false, true)]
    [InlineData(StoreFault.NotDone, true, true)]
    [InlineData(StoreFault.Unknown, false, true)]
    [InlineData(StoreFault.Unknown, true, false)]
    [InlineData(StoreFault.Permanent, false, false)]
    [InlineData(StoreFault.Permanent, true, false)]
    public async Task Only_a_call_that_may_be_repeated_is(object fault, bool once, bool isRepeated)
    {
        var attempts = 0;
        var run = Retry((StoreFault)fault).RunAsync(
            (_, _) => ++attempts == 1 ? throw new FailureException("first") : ValueTask.FromResult(attempts), 0, once, TestToken).AsTask();
        if (isRepeated)
        {
            Assert.Equal(2, await AdvanceUntilAsync(run));
        }
        else
        {
            Assert.Equal("first", (await Assert.ThrowsAsync<FailureException>(() => run)).Message);
            Assert.Equal(1, attempts);
        }
    }

    [Fact]
    public async Task The_budget_ends_it_with_the_last_failure_and_later_waits_are_longer()
    {
        List<DateTimeOffset> attempts = [];
        var start = _time.GetUtcNow();
        var run = Retry(StoreFault.NotDone).RunAsync<int, int>(
            (_, _) =>
            {
                attempts.Add(_time.GetUtcNow());
                throw new FailureException($"failure {attempts.Count}");
            },
            0,
            once: false,
            TestToken).AsTask();

        var failure = await Assert.ThrowsAsync<StoreBudgetException>(() => AdvanceUntilAsync(run));

        Assert.Equal($"failure {attempts.Count}", failure.InnerException!.Message);
        Assert.InRange(attempts.Count, 8, 60);
        Assert.InRange(attempts[^1] - start, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(10));
        Assert.True(attempts[1] - attempts[0] < attempts[^1] - attempts[^2]);
    }

    [Fact]
    public async Task A_call_that_hangs_is_ended_by_the_budget()
    {
        var run = Retry(StoreFault.NotDone).RunAsync(
            async (_, token) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
                return 0;
            },
            0,
            once: false,
            TestToken).AsTask();
        await Assert.ThrowsAsync<StoreBudgetException>(() => AdvanceUntilAsync(run));
    }

    [Fact]
    public async Task The_callers_cancellation_ends_the_waits()
    {
        using var cancel = new CancellationTokenSource();
        var run = Retry(StoreFault.NotDone).RunAsync<int, int>((_, _) => throw new FailureException("always"), 0, once: false, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    private StoreRetry Retry(StoreFault fault) => new(new StoreRetryOptions(), _ => fault, _time, NullLogger.Instance);

    private async Task<T> AdvanceUntilAsync<T>(Task<T> run)
    {
        while (!run.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(1, TestToken);
        }

        return await run;
    }

    private sealed class FailureException(string message) : Exception(message);
}
