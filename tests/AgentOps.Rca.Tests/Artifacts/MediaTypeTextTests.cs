using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Tests.Artifacts;

public sealed class MediaTypeTextTests
{
    [Theory]
    [InlineData("text/plain")]
    [InlineData("text/plain; charset=utf-8")]
    [InlineData("text/plain;charset=utf-8 ; a=\"b \\\" c\"")]
    [InlineData("application/vnd.x+json;")]
    [InlineData("a/b;;c=d")]
    public void What_the_grammar_has_is_one(string text) => Assert.True(MediaTypeText.IsValid(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("text")]
    [InlineData("text/")]
    [InlineData("/plain")]
    [InlineData("*/*")]
    [InlineData("text/*")]
    [InlineData("text/plain; a")]
    [InlineData("text/plain; a=")]
    [InlineData("text/plain; a=\"b")]
    [InlineData("text/plain; a=\"b\\")]
    [InlineData("text/plain; a=\"\r\nX-Evil: 1\"")]
    [InlineData("text/plain; a=\u0007")]
    [InlineData("text/plain; a=\"\u007f\"")]
    [InlineData("text/plain; a=\u00e9")]
    [InlineData("text/plain\r\n")]
    [InlineData("text/plain, text/html")]
    public void What_no_header_can_carry_is_none_and_is_served_as_bytes_of_which_no_more_is_known(string? text)
    {
        Assert.False(MediaTypeText.IsValid(text));
        Assert.Equal("application/octet-stream", MediaTypeText.OrUnknown(text ?? ""));
    }
}
