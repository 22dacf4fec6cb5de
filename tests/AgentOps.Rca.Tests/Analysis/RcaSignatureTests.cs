using AgentOps.Rca.Analysis;

namespace AgentOps.Rca.Tests.Analysis;

public sealed class RcaSignatureTests
{
    [Theory]
    [InlineData("tool.call/carrier.book", "tool.call/carrier.book")]
    [InlineData("tool.call/order-48211", "tool.call/order-*")]
    [InlineData("ts-travel2-service//api/v1/trips", "ts-travel2-service//api/v1/trips")]
    [InlineData("GET /orders/6f9619ff-8b86-d011-b42d-00cf4fc964ff/items", "GET /orders/*/items")]
    [InlineData("span 00f067aa0ba902b7 failed", "span * failed")]
    [InlineData("feedback", "feedback")]
    [InlineData("a|b", "a/b")]
    public void What_looks_like_an_id_is_masked_and_names_stay(string tool, string expected) => Assert.Equal(expected, RcaSignature.ToolClass(tool));

    [Fact]
    public void A_signature_is_read_back_as_it_was_made()
    {
        var signature = RcaSignature.Of("rate_limited", "tool.call/x|y", "E|1");

        Assert.Equal("rate_limited|tool.call/x/y|E/1", signature.ToString());
        Assert.Equal(signature, RcaSignature.Parse(signature.ToString()));
        Assert.Null(RcaSignature.Parse("no signature"));
        Assert.Equal("loop|t|", RcaSignature.Of("loop", "t", null).ToString());
    }
}
