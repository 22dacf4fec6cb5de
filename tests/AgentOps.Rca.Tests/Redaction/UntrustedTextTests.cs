using AgentOps.Rca.Redaction;

namespace AgentOps.Rca.Tests.Redaction;

public sealed class UntrustedTextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\r\n\t b", "a b")]
    [InlineData("a\0b\u001b[31mc", "a b [31mc")]
    [InlineData("pass\u200Bword\u2060\uFEFF", "password")]
    [InlineData("\u202Egnp.exe\u202C", "gnp.exe")]
    [InlineData("x\U000E0041\U000E0042y", "xy")]
    [InlineData("heart\uFE0F", "heart")]
    [InlineData("half\uD800", "half")]
    [InlineData("\uE000private", "private")]
    [InlineData("naïve 漢字 🧯", "naïve 漢字 🧯")]
    [InlineData("a\\u0040b \\u0022", "a@b \\\"")]
    public void What_cannot_be_seen_is_taken_out(string text, string clean) => Assert.Equal(clean, UntrustedText.Clean(text));

    [Fact]
    public void A_cut_never_splits_a_pair() => Assert.Equal("ab…", UntrustedText.Cut("ab🧯cd", 3));
}
