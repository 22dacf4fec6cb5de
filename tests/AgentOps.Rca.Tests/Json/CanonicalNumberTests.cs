using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Json;
using CsCheck;

namespace AgentOps.Rca.Tests.Json;

public sealed class CanonicalNumberTests
{
    // RFC 8785, appendix B: the bits of a double and its form.
    [Theory]
    [InlineData(0x0000000000000000, "0")]
    [InlineData(0x8000000000000000, "0")]
    [InlineData(0x0000000000000001, "5e-324")]
    [InlineData(0x8000000000000001, "-5e-324")]
    [InlineData(0x7fefffffffffffff, "1.7976931348623157e+308")]
    [InlineData(0xffefffffffffffff, "-1.7976931348623157e+308")]
    [InlineData(0x4340000000000000, "9007199254740992")]
    [InlineData(0xc340000000000000, "-9007199254740992")]
    [InlineData(0x4430000000000000, "295147905179352830000")]
    [InlineData(0x44b52d02c7e14af5, "9.999999999999997e+22")]
    [InlineData(0x44b52d02c7e14af6, "1e+23")]
    [InlineData(0x44b52d02c7e14af7, "1.0000000000000001e+23")]
    [InlineData(0x444b1ae4d6e2ef4e, "999999999999999700000")]
    [InlineData(0x444b1ae4d6e2ef4f, "999999999999999900000")]
    [InlineData(0x444b1ae4d6e2ef50, "1e+21")]
    [InlineData(0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7")]
    [InlineData(0x3eb0c6f7a0b5ed8d, "0.000001")]
    [InlineData(0x41b3de4355555553, "333333333.3333332")]
    [InlineData(0x41b3de4355555554, "333333333.33333325")]
    [InlineData(0x41b3de4355555555, "333333333.3333333")]
    [InlineData(0x41b3de4355555556, "333333333.3333334")]
    [InlineData(0x41b3de4355555557, "333333333.33333343")]
    [InlineData(0xbecbf647612f3696, "-0.0000033333333333333333")]
    [InlineData(0x43143ff3c1cb0959, "1424953923781206.2")]
    public void A_double_is_printed_as_the_rfc_prints_it(ulong bits, string text) =>
        Assert.Equal(text, CanonicalNumber.Format(BitConverter.UInt64BitsToDouble(bits)));

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void What_is_not_finite_has_no_form(double value) => Assert.Throws<ArgumentException>(() => CanonicalNumber.Format(value));

    [Theory]
    [InlineData("1.0", "1")]
    [InlineData("-0", "0")]
    [InlineData("-0.0e5", "0")]
    [InlineData("1E2", "100")]
    [InlineData("100e-2", "1")]
    [InlineData("1e21", "1e+21")]
    [InlineData("123456789012345678", "123456789012345678")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    public void A_number_in_json_has_one_form(string json, string canonical) =>
        Assert.Equal(canonical, CanonicalNumber.Format(JsonElement.Parse(json)));

    [Theory]
    [InlineData("0", true)]
    [InlineData("-0", true)]
    [InlineData("0.1", true)]
    [InlineData("0.10", true)]
    [InlineData("1e21", true)]
    [InlineData("1e23", true)]
    [InlineData("5e-324", true)]
    [InlineData("9007199254740992", true)]
    [InlineData("9007199254740993", false)]
    [InlineData("-9007199254740993", false)]
    [InlineData("9223372036854775807", false)]
    [InlineData("-9223372036854775808", true)]
    [InlineData("1767225600000000000", true)]
    [InlineData("1767225600123456789", false)]
    [InlineData("0.1000000000000000055511151231257827", true)]
    [InlineData("0.1000000000000000055511151231257828", false)]
    [InlineData("0.10000000000000001", true)]
    [InlineData("333333333.33333329", true)]
    [InlineData("4.9406564584124654e-324", true)]
    [InlineData("1.7976931348623157e308", true)]
    [InlineData("1.7976931348623158e308", false)]
    [InlineData("1152921504606846976", true)]
    [InlineData("1152921504606846977", false)]
    [InlineData("1.152921504606846976e18", false)]
    [InlineData("18446744073709551616", true)]
    [InlineData("9007199254740993.5", false)]
    [InlineData("12345678901234567", false)]
    [InlineData("0.1234567890123456789", false)]
    [InlineData("0.30000000000000004", true)]
    [InlineData("0.300000000000000040", true)]
    [InlineData("3.14159265358979323846", false)]
    [InlineData("1e308", true)]
    [InlineData("1e309", false)]
    [InlineData("-1e400", false)]
    [InlineData("1e-400", false)]
    [InlineData("0e999999999999", true)]
    [InlineData("1e999999999999999999999", false)]
    public void A_number_is_exact_when_its_shortest_double_has_the_same_value(string json, bool exact) =>
        Assert.Equal(exact, CanonicalNumber.IsExact(JsonElement.Parse(json)));

    [Fact]
    public void A_double_with_17_digits_or_written_out_in_full_is_exact_and_has_the_form_of_the_double() => Gen.Double.Where(double.IsFinite).Sample(value =>
    {
        foreach (var form in new[] { "E16", "E30", "E766" })
        {
            var text = value.ToString(form, CultureInfo.InvariantCulture).Replace("E+", "E", StringComparison.Ordinal);
            var json = JsonElement.Parse(text);
            Assert.True(CanonicalNumber.IsExact(json) || (form != "E16" && form != "E766") || double.IsInteger(value), text);
            Assert.Equal(CanonicalNumber.Format(value), CanonicalNumber.Format(json));
        }
    });

    [Fact]
    public void An_exponent_of_millions_of_digits_costs_nothing()
    {
        var digits = new string('9', 4_000_000);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.False(CanonicalNumber.IsExact(JsonElement.Parse($"1e-{digits}")));
        Assert.False(CanonicalNumber.IsExact(JsonElement.Parse($"1e{digits}")));
        Assert.True(CanonicalNumber.IsExact(JsonElement.Parse($"0e{digits}")));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
    }

    [Theory]
    [InlineData("1", 1L)]
    [InlineData("1.0", 1L)]
    [InlineData("-1.50e1", -15L)]
    [InlineData("1.795e18", 1_795_000_000_000_000_000L)]
    [InlineData("1e0", 1L)]
    [InlineData("1.5", null)]
    [InlineData("1e-1", null)]
    [InlineData("1e30", null)]
    public void A_whole_number_is_one_however_it_is_written(string text, long? value) =>
        Assert.Equal(value, CanonicalNumber.TryGetWhole(text, out var whole) ? (long)whole : null);

    [Fact]
    public void The_form_of_any_double_is_read_back_as_that_double() => Gen.Double.Where(double.IsFinite).Sample(value =>
    {
        var text = CanonicalNumber.Format(value);
        Assert.Equal(value, double.Parse(text, CultureInfo.InvariantCulture));
        Assert.True(CanonicalNumber.IsExact(JsonElement.Parse(text)));
    });
}
