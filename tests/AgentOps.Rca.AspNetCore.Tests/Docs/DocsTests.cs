using System.Net;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.AspNetCore.Tests.Docs;

public sealed partial class DocsTests
{
    [Theory]
    [InlineData("/docs", "text/html")]
    [InlineData("/docs/docs.js", "text/javascript")]
    [InlineData("/docs/scalar.js", "text/javascript")]
    public async Task The_page_needs_no_key_and_its_policy_lets_nothing_come_from_anywhere_else(string path, string type)
    {
        await using var host = await RcaHost.StartAsync(environment: "Production");
        using var response = await host.Client.GetAsync(path);

        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("://", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("*", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        if (path != "/docs/scalar.js")
        {
            Assert.DoesNotContain("://", text.Replace("${location.origin}", "", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Every_file_that_the_page_names_is_there_packed_or_not()
    {
        await using var host = await RcaHost.StartAsync(pattern: "/rca");
        var page = await host.Client.GetStringAsync("/rca/docs");
        var files = Source().Matches(page).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(["docs/scalar.js", "docs/docs.js"], files);
        foreach (var file in files)
        {
            var plain = await host.Client.GetByteArrayAsync($"/rca/{file}");
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/rca/{file}");
            request.Headers.AcceptEncoding.ParseAdd("gzip");
            using var response = await host.Client.SendAsync(request);
            await using var body = await response.Content.ReadAsStreamAsync();
            await using Stream unpacked = response.Content.Headers.ContentEncoding.Contains("gzip")
                ? new System.IO.Compression.GZipStream(body, System.IO.Compression.CompressionMode.Decompress) : body;
            using var bytes = new MemoryStream();
            await unpacked.CopyToAsync(bytes);
            Assert.Equal(plain, bytes.ToArray());
        }

        Assert.Contains("createApiReference", await host.Client.GetStringAsync("/rca/docs/scalar.js"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_slash_at_its_end_the_address_leads_to_the_page_under_any_prefix()
    {
        await using var host = await RcaHost.StartAsync(pattern: "/rca");
        using var response = await host.Client.GetAsync("/rca/docs/");

        Assert.Equal("/rca/docs", response.Headers.Location?.OriginalString);
    }

    [GeneratedRegex("src=\"([^\"]+)\"")]
    private static partial Regex Source();
}
