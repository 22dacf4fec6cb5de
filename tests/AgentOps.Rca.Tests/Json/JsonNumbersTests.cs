using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Json;
using AgentOps.Rca.Kpis;
using AgentOps.Rca.Spans;
using CsCheck;

namespace AgentOps.Rca.Tests.Json;

public sealed class JsonNumbersTests
{
    [Theory]
    [InlineData("3", 3)]
    [InlineData("3.0", 3)]
    [InlineData("3e0", 3)]
    [InlineData("0.3E1", 3)]
    [InlineData("-0.0", 0)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    [InlineData("1152921504606847e3", 1_152_921_504_606_847_000)]
    public void A_whole_number_is_read_however_it_is_written(string json, long number)
    {
        Assert.True(JsonNumbers.TryGetWhole(JsonElement.Parse(json), out long read));
        Assert.Equal(number, read);
    }

    [Theory]
    [InlineData("3.5")]
    [InlineData("1e-1")]
    [InlineData("9223372036854775808")]
    [InlineData("1e19")]
    [InlineData("1e999999999999")]
    [InlineData("\"3\"")]
    [InlineData("true")]
    [InlineData("null")]
    public void Anything_else_is_no_whole_number(string json)
    {
        Assert.False(JsonNumbers.TryGetWhole(JsonElement.Parse(json), out long _));
        Assert.False(JsonNumbers.TryGetWhole(JsonElement.Parse(json), out int _));
    }

    [Fact]
    public void A_number_says_the_same_in_its_canonical_form()
    {
        var number = Gen.OneOf(
            Gen.Long.Select(value => value.ToString(CultureInfo.InvariantCulture)),
            Gen.Double.Where(double.IsFinite).Select(value => value.ToString("E16", CultureInfo.InvariantCulture)),
            Gen.Select(Gen.Int[-9_999, 9_999], Gen.Int[-8, 8]).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Item1}e{pair.Item2}")),
            Gen.Select(Gen.Int[0, 999], Gen.Int[0, 9]).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Item1}.{pair.Item2}00")));
        number.Sample(text =>
        {
            var value = JsonElement.Parse(text);
            if (JsonRules.FindProblem(value) is not null)
            {
                return true;
            }

            var canonical = JsonElement.Parse(CanonicalJson.ToUtf8(value));
            return Read(value) == Read(canonical) && Amount(value) == Amount(canonical) && EventTime.Read(value) == EventTime.Read(canonical)
                && SpanLimits.ReadTime(value) == SpanLimits.ReadTime(canonical);
        });
    }

    [Theory]
    [InlineData("100", "1690000000")]
    [InlineData("100.0", "1.69e9")]
    [InlineData("1e2", "1690000000.0")]
    public void Tokens_costs_states_and_times_are_those_of_the_number(string hundred, string time)
    {
        var attributes = JsonElement.Parse($$"""{"gen_ai.usage.input_tokens":{{hundred}},"agentops.cost_usd":{{hundred}},"http.response.status_code":{{hundred}}}""");

        Assert.Equal((100L, 100m), (ModelCallUsage.Read(attributes)!.InputTokens, ModelCallUsage.CostOf(attributes)));
        Assert.Equal(1_690_000_000_000_000_000, EventTime.Read(JsonElement.Parse(time)));
        Assert.Equal(
            SpanFailure.Read(JsonElement.Parse("""{"http.response.status_code":429}"""))!.HttpStatus,
            SpanFailure.Read(JsonElement.Parse("""{"http.response.status_code":4.29e2}"""))?.HttpStatus);
    }

    private static long? Read(JsonElement value) => JsonNumbers.TryGetWhole(value, out long number) ? number : null;

    private static decimal? Amount(JsonElement value) => JsonNumbers.TryGetDecimal(value, out var number) ? number : null;
}
