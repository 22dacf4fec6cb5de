using System.Text;
using AgentOps.Rca.Redaction;

namespace AgentOps.Rca.Tests.Redaction;

public sealed class ShownTextTests
{
    [Theory]
    [InlineData("text/plain; charset=utf-8", false, "mail [EMAIL_1], key [SECRET_1]")]
    [InlineData("application/problem+json", true, "mail a@example.com, key [SECRET_1]")]
    [InlineData("application/octet-stream", false, "mail a@example.com, key AKIAABCDEFGHIJKLMNOP")]
    public void Text_is_masked_and_other_content_is_left(string mime, bool piiMasked, string shown) =>
        Assert.Equal(shown, Encoding.UTF8.GetString(ShownText.Mask("mail a@example.com, key AKIAABCDEFGHIJKLMNOP"u8.ToArray(), mime, piiMasked)));

    [Fact]
    public void What_holds_nothing_to_mask_stays_byte_for_byte_also_when_it_ends_within_a_character()
    {
        var content = "🧯"u8.ToArray()[..3];

        Assert.Same(content, ShownText.Mask(content, "text/plain", piiMasked: false));
    }
}
