using AgentOps.Rca.Analysis.Detectors;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.Detectors;

public sealed class ProportionsTests
{
    [Fact]
    public void What_never_happened_before_counts_more_than_the_same_step_in_the_middle() =>
        Assert.True(Proportions.Change(200, 1000, 0, 1000) > Proportions.Change(600, 1000, 400, 1000));

    [Fact]
    public void A_difference_that_chance_explains_is_no_change() => Assert.Equal(0, Proportions.Change(3, 10, 2, 10));

    [Fact]
    public void A_share_that_fell_is_a_negative_change() => Assert.True(Proportions.Change(10, 100, 90, 100) < 0);

    [Theory]
    [InlineData(0, 10)]
    [InlineData(5, 10)]
    [InlineData(10, 10)]
    [InlineData(0, 0)]
    public void An_interval_holds_its_share(int hits, int calls)
    {
        var (low, high) = Proportions.Wilson(hits, calls);

        Assert.InRange(calls == 0 ? 0.5 : (double)hits / calls, low - 1e-9, high + 1e-9);
    }
}
