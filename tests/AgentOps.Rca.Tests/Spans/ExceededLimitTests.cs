using System.Text.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Tests.Spans;

public sealed class ExceededLimitTests
{
    private const long Second = 1_000_000_000;

    [Theory]
    [InlineData("""{"timeout_ms":500}""", "timeout_ms", 5e8)]
    [InlineData("""{"a":1,"deadline_seconds":0.5}""", "deadline_seconds", 5e8)]
    [InlineData("""{"timeout_ms":5000,"budget_ms":100}""", "budget_ms", 1e8)]
    public void A_call_that_took_longer_than_it_was_given_exceeded_the_limit(string attributes, string member, double nanoseconds) =>
        Assert.Equal(new ExceededLimit(member, nanoseconds), ExceededLimit.Read(JsonElement.Parse(attributes), Second));

    [Theory]
    [InlineData("""{"timeout_ms":1000}""")]
    [InlineData("""{"timeout_ms":0}""")]
    [InlineData("""{"timeout_ms":"1"}""")]
    [InlineData("{}")]
    [InlineData("[]")]
    public void A_limit_that_was_kept_or_is_none_says_nothing(string attributes) =>
        Assert.Null(ExceededLimit.Read(JsonElement.Parse(attributes), Second));
}
