using System.Net;

namespace AgentOps.Rca.AspNetCore.Tests.Docs;

public sealed class DocsTests
{
    [Theory]
    [InlineData("/docs", "text/html")]
    [InlineData("/docs/docs.js", "text/javascript")]
    [InlineData("/docs/docs.css", "text/css")]
    public async Task The_page_needs_no_key_and_loads_nothing_from_anywhere_else(string path, string type)
    {
        await using var host = await RcaHost.StartAsync(environment: "Production");
        using var response = await host.Client.GetAsync(path);

        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("default-src 'none';", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("://", text, StringComparison.Ordinal);
        Assert.DoesNotContain("innerHTML", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_slash_at_its_end_the_address_leads_to_the_page_under_any_prefix()
    {
        await using var host = await RcaHost.StartAsync(pattern: "/rca");
        using var response = await host.Client.GetAsync("/rca/docs/");

        Assert.Equal("/rca/docs", response.Headers.Location?.OriginalString);
    }
}
