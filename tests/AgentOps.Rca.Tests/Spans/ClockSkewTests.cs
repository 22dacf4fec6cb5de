using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Tests.Spans;

public sealed class ClockSkewTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void Clocks_in_step_need_no_shift_and_neither_do_a_few_milliseconds()
    {
        Assert.Null(Shifts([(0, 10, -1), (1, 9, 0)]));
        Assert.Null(ClockSkew.Shifts([(0, Second), (-99_000_000, Second)], place => place - 1));
        Assert.Null(ClockSkew.Shifts([], static _ => -1));
    }

    [Fact]
    public void A_call_before_its_caller_is_moved_into_its_middle_and_takes_what_is_below_with_it() =>
        Assert.Equal([0, 304, 304], Shifts([(0, 10, -1), (-300, -298, 0), (-299, -299, 1)])!);

    [Fact]
    public void A_call_back_on_the_first_machine_keeps_its_own_clock() =>
        Assert.Equal([0, 301, 0], Shifts([(0, 10, -1), (-300, -292, 0), (3, 4, 1)])!);

    [Fact]
    public void A_call_that_is_longer_than_its_caller_begins_with_it() => Assert.Equal([0, 300], Shifts([(0, 2, -1), (-300, -290, 0)])!);

    [Fact]
    public void Cycles_and_parents_that_come_later_end()
    {
        Assert.Equal(304, Shifts([(-300, -298, 1), (0, 10, -1)])![0]);
        Assert.Equal(2, Shifts([(-300, -298, 1), (0, 10, 0)])!.Length);
    }

    [Fact]
    public void Times_at_the_ends_of_the_range_are_no_overflow() =>
        Assert.NotNull(ClockSkew.Shifts([(long.MaxValue - 10, long.MaxValue), (long.MinValue, long.MinValue + 10)], place => place - 1));

    private static long[]? Shifts((long Start, long End, int Parent)[] calls) =>
        ClockSkew.Shifts([.. calls.Select(call => (call.Start * Second, call.End * Second))], place => calls[place].Parent) is { } shifts
            ? Array.ConvertAll(shifts, shift => shift / Second) : null;
}
