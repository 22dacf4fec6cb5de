using AgentOps.Rca.Redaction;

namespace AgentOps.Rca.Tests.Redaction;

public sealed class RedactorTests
{
    [Fact]
    public void One_value_keeps_one_placeholder_and_can_be_compared_with_the_original()
    {
        var redactor = new Redactor();

        var shown = redactor.Redact("a@example.com wrote to b@example.com, then a@example.com again");

        Assert.Equal("[EMAIL_1] wrote to [EMAIL_2], then [EMAIL_1] again", shown);
        Assert.Equal("[EMAIL_2] called +31 6 12345678".Replace("+31 6 12345678", "[PHONE_1]", StringComparison.Ordinal), redactor.Redact("b@example.com called +31 6 12345678"));
        Assert.Equal("a@example.com", redactor.Restore("[EMAIL_1]"));
        Assert.Equal(shown, redactor.Redact(shown));
        Assert.Equal("[EMAIL_9]", redactor.Restore("[EMAIL_9]"));
    }

    [Theory]
    [InlineData("tool.call/carrier.quote failed 4 times with 429 Too Many Requests at 15:38:07")]
    [InlineData("order A-20417, shipment FF-5519027, eta 2026-03-14T14:30:00Z")]
    [InlineData("span 6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a01 started at 1773333482114000000")]
    [InlineData("input_tokens 1184, max_completion_tokens: 4096 were used")]
    [InlineData("checkout-service-timeout-handler in /var/lib/app/releases/current/bin")]
    [InlineData("openai/gpt-oss-120b answered, llama-3.3-70b-versatile did not")]
    [InlineData("the token is expired")]
    public void What_is_no_secret_is_left(string text) => Assert.Equal(text, new Redactor().Redact(text));

    [Fact]
    public void Known_ids_are_left_and_masked_personal_data_is_not_looked_for()
    {
        const string Id = "4bf92f3577b34da6a3ce929d0e0e4736";

        Assert.Equal(Id, new Redactor([Id]).Redact(Id));
        Assert.Equal("[SECRET_1]", new Redactor().Redact(Id));
        Assert.Equal("a@example.com", new Redactor().Redact("a@example.com", personalDataIsMasked: true));
        Assert.Equal("key [SECRET_1]", new Redactor().Redact("key AKIAABCDEFGHIJKLMNOP", personalDataIsMasked: true));
    }

    [Theory]
    [InlineData("4111 1111 1111 1111", true)]
    [InlineData("4111111111111112", false)]
    [InlineData("41111111111", false)]
    public void Cards_have_Luhns_check_digit(string text, bool isCard) => Assert.Equal(isCard, Checksums.IsCardNumber(text));

    [Theory]
    [InlineData("DE02 1203 0000 0000 2020 51", true)]
    [InlineData("NL91ABNA0417164300", true)]
    [InlineData("NL92ABNA0417164300", false)]
    public void Accounts_have_their_check_digits(string text, bool isAccount) => Assert.Equal(isAccount, Checksums.IsIban(text));
}
