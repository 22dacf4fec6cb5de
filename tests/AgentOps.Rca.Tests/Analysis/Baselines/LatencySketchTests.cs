using AgentOps.Rca.Analysis.Baselines;

namespace AgentOps.Rca.Tests.Analysis.Baselines;

public sealed class LatencySketchTests
{
    [Theory]
    [InlineData(0.5, 500_000)]
    [InlineData(0.9, 900_000)]
    public void A_quantile_is_within_a_twentieth(double quantile, double expected)
    {
        var sketch = LatencySketch.Of(Enumerable.Range(1, 1000).Select(number => number * 1000L));

        Assert.InRange(sketch.Quantile(quantile), expected * 0.95, expected * 1.05);
    }

    [Fact]
    public void Merging_two_halves_gives_the_whole()
    {
        var durations = Enumerable.Range(1, 500).Select(number => number * 777L).ToList();

        var merged = LatencySketch.Of(durations.Take(123)).Merge(LatencySketch.Of(durations.Skip(123)));

        Assert.Equal(LatencySketch.Of(durations).Buckets, merged.Buckets);
    }

    [Fact]
    public void Negative_durations_count_as_none() => Assert.Equal(0, LatencySketch.Of([-5]).Quantile(0.5));
}
