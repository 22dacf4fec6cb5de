using AgentOps.Rca.Analysis;

namespace AgentOps.Rca.Tests.Analysis;

public sealed class WorkingMemoryTests
{
    private const int Spans = 100_000;
    private const long Needed = Spans * 1_024L;

    [Fact]
    public async Task Large_incidents_wait_for_their_turn_in_order_and_small_ones_do_not()
    {
        var memory = new WorkingMemory(2 * Needed);
        var first = await memory.TakeAsync(Spans, CancellationToken.None);
        var second = await memory.TakeAsync(Spans, CancellationToken.None);
        var third = memory.TakeAsync(2 * Spans, CancellationToken.None).AsTask();
        var fourth = memory.TakeAsync(Spans, CancellationToken.None).AsTask();

        Assert.Null(await memory.TakeAsync(4_000, CancellationToken.None));
        Assert.Equal(2 * Needed, memory.Taken);
        first!.Dispose();
        Assert.False(third.IsCompleted || fourth.IsCompleted);
        second!.Dispose();
        var large = await third;
        Assert.False(fourth.IsCompleted);
        large!.Dispose();
        large.Dispose();
        (await fourth)!.Dispose();
        Assert.Equal(0, memory.Taken);
    }

    [Fact]
    public async Task What_needs_more_than_there_is_has_it_alone()
    {
        var memory = new WorkingMemory(Needed);
        var huge = await memory.TakeAsync(50L * Spans, CancellationToken.None);
        var other = memory.TakeAsync(5_000, CancellationToken.None).AsTask();

        Assert.False(other.IsCompleted);
        huge!.Dispose();
        (await other)!.Dispose();
        Assert.Equal(0, memory.Taken);
    }

    [Fact]
    public async Task Who_leaves_while_waiting_keeps_nobody_waiting()
    {
        var memory = new WorkingMemory(Needed);
        var first = await memory.TakeAsync(Spans / 2, CancellationToken.None);
        using var leaving = new CancellationTokenSource();
        var large = memory.TakeAsync(Spans, leaving.Token).AsTask();
        var next = memory.TakeAsync(Spans / 2, CancellationToken.None).AsTask();
        Assert.False(next.IsCompleted);

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        (await next)!.Dispose();
        first!.Dispose();
        Assert.Equal(0, memory.Taken);
    }
}
