using System.IO.Compression;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;

namespace AgentOps.Rca.Page.Tests;

public sealed partial class PageFilesTests
{
    private const int MostPacked = 90 * 1024;
    private const int MostLines = 300;

    [Theory]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html")]
    [InlineData("*/*", "application/json")]
    [InlineData("application/json", "application/json")]
    [InlineData("application/json, text/html", "application/json")]
    [InlineData(null, "application/json")]
    public async Task A_browser_gets_the_page_at_the_root_and_everybody_else_what_they_got(string? accept, string type)
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        using var response = await GetAsync(host, "/", accept);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("Accept", response.Headers.Vary);
    }

    [Fact]
    public async Task The_page_is_asked_for_again_each_time_and_its_files_never()
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        using var page = await GetAsync(host, "/", "text/html");
        var html = await page.Content.ReadAsStringAsync();
        Assert.Equal("no-cache", page.Headers.CacheControl?.ToString());
        Assert.Contains("frame-ancestors 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotMatch("<style|<script>|style=|onload|onclick|://", html);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "Accept", "text/html" }, { "If-None-Match", page.Headers.ETag!.Tag } } };
        using var unchanged = await host.Client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);

        using var script = await GetAsync(host, "/" + ScriptAddress().Match(html).Groups[1].Value, encoding: "gzip");
        Assert.Equal("public, max-age=31536000, immutable", script.Headers.CacheControl?.ToString());
        Assert.Equal("text/javascript", script.Content.Headers.ContentType?.MediaType);
        Assert.Equal(["gzip"], script.Content.Headers.ContentEncoding);
        using var plain = await GetAsync(host, "/" + ScriptAddress().Match(html).Groups[1].Value);
        await using var unpacked = new GZipStream(await script.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        Assert.Equal(await plain.Content.ReadAsStringAsync(), await new StreamReader(unpacked).ReadToEndAsync());

        using var other = await GetAsync(host, "/page/0123456789abcdef/main.js");
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        Assert.Equal("no-store", other.Headers.CacheControl?.ToString());
    }

    [Theory]
    [InlineData("/rca?x=1", "./rca/?x=1")]
    [InlineData("/people/ui", "./ui/")]
    public async Task Without_a_slash_at_its_end_the_address_leads_to_the_one_with_it(string address, string location)
    {
        await using var host = await PageHost.StartAsync(hasDemo: false, map: endpoints =>
        {
            endpoints.MapAgentOpsRca("/rca");
            endpoints.MapAgentOpsRcaPage("/people/ui", "/rca");
        });
        using var response = await GetAsync(host, address, "text/html");

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal(location, response.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task What_the_host_has_at_its_root_stays_and_the_page_is_where_it_is_mapped()
    {
        await using var host = await PageHost.StartAsync(hasDemo: false, map: endpoints =>
        {
            endpoints.MapGet("/", () => "the host's own");
            endpoints.MapAgentOpsRca();
            endpoints.MapAgentOpsRcaPage();
        });
        using var root = await GetAsync(host, "/", "text/html");
        Assert.Equal("the host's own", await root.Content.ReadAsStringAsync());
        using var page = await GetAsync(host, "/ui/", "text/html");
        Assert.Contains("content=\"../\"", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_modules_are_short_and_the_whole_is_small_and_nothing_of_it_makes_markup_of_text()
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        using var page = await GetAsync(host, "/", "text/html");
        var folder = FolderName().Match(await page.Content.ReadAsStringAsync()).Value;
        var total = 0L;
        foreach (var path in Directory.EnumerateFiles(Sources("modules")).Append(Sources("page.css")))
        {
            using var file = await GetAsync(host, $"/{folder}{Path.GetFileName(path)}", encoding: "gzip");
            Assert.Equal(HttpStatusCode.OK, file.StatusCode);
            total += file.Content.Headers.ContentLength!.Value;
            var text = await File.ReadAllTextAsync(path);
            Assert.True(path.EndsWith(".css", StringComparison.Ordinal) || text.AsSpan().Count('\n') <= MostLines, $"{path} is too long.");
            Assert.DoesNotMatch("innerHTML|outerHTML|insertAdjacentHTML|document\\.write|DOMParser|\\beval\\b|new Function|https?://", text);
        }

        Assert.InRange(total, 10_000, MostPacked);
    }

    private static string Sources(string name, [CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../src/AgentOps.Rca.AspNetCore/Page", name));

    private static async Task<HttpResponseMessage> GetAsync(PageHost host, string path, string? accept = null, string? encoding = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        if (encoding is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept-Encoding", encoding);
        }

        return await host.Client.SendAsync(request);
    }

    [GeneratedRegex("src=\"([^\"]+)\"")]
    private static partial Regex ScriptAddress();

    [GeneratedRegex("page/[0-9a-f]+/")]
    private static partial Regex FolderName();
}
