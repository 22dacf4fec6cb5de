using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Tests.Spans;

public sealed class EpochUnitTests
{
    [Theory]
    [InlineData(0, 1_000_000_000)]
    [InlineData(1_767_225_600, 1_000_000_000)]
    [InlineData(99_999_999_999, 1_000_000_000)]
    [InlineData(100_000_000_000, 1_000_000)]
    [InlineData(1_767_225_600_123, 1_000_000)]
    [InlineData(99_999_999_999_999, 1_000_000)]
    [InlineData(100_000_000_000_000, 1_000)]
    [InlineData(1_767_225_600_123_456, 1_000)]
    [InlineData(99_999_999_999_999_999, 1_000)]
    [InlineData(100_000_000_000_000_000, 1)]
    [InlineData(1_767_225_600_123_456_789, 1)]
    [InlineData(long.MaxValue, 1)]
    public void The_unit_is_read_from_the_size(long timestamp, long nanoseconds)
    {
        Assert.Equal(nanoseconds, EpochUnit.NanosecondsPerTick(timestamp));
        Assert.Equal(nanoseconds, EpochUnit.NanosecondsPerTick(-timestamp));
    }

    [Fact]
    public void The_smallest_number_is_in_nanoseconds_too() => Assert.Equal(1, EpochUnit.NanosecondsPerTick(long.MinValue));

    [Theory]
    [InlineData(1_767_225_600, 1_767_225_600_000_000_000)]
    [InlineData(1_767_225_600_123, 1_767_225_600_123_000_000)]
    [InlineData(1_767_225_600_123_456, 1_767_225_600_123_456_000)]
    [InlineData(1_767_225_600_123_456_789, 1_767_225_600_123_456_789)]
    [InlineData(-1, -1_000_000_000)]
    [InlineData(long.MaxValue, long.MaxValue)]
    [InlineData(long.MinValue, long.MinValue)]
    [InlineData(99_999_999_999, long.MaxValue)]
    [InlineData(-99_999_999_999, long.MinValue)]
    [InlineData(99_999_999_999_999_999, long.MaxValue)]
    public void Nanoseconds_stay_within_their_range(long timestamp, long nanoseconds) =>
        Assert.Equal(nanoseconds, EpochUnit.ToNanoseconds(timestamp));

    [Fact]
    public void An_instant_survives_the_way_there_and_back()
    {
        var instant = new DateTimeOffset(2026, 3, 14, 15, 9, 26, TimeSpan.FromHours(2)).AddTicks(5_358_979);
        Assert.Equal(instant, EpochUnit.ToInstant(EpochUnit.FromInstant(instant)));
        Assert.Equal(DateTimeOffset.UnixEpoch, EpochUnit.ToInstant(0));
    }

    [Fact]
    public void An_instant_beyond_nanoseconds_is_the_edge_of_their_range()
    {
        Assert.Equal(long.MaxValue, EpochUnit.FromInstant(DateTimeOffset.MaxValue));
        Assert.Equal(long.MinValue, EpochUnit.FromInstant(default));
    }
}
