using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.AspNetCore.Tests.Security;

public sealed class CrossSiteTests
{
    [Theory]
    [InlineData("cross-site", null, 403)]
    [InlineData("same-site", null, 403)]
    [InlineData("same-origin", null, 201)]
    [InlineData("none", null, 201)]
    [InlineData("same-origin", "https://behind-a-proxy.example", 201)]
    [InlineData(null, "http://evil.example", 403)]
    [InlineData(null, "null", 403)]
    [InlineData(null, "http://127.0.0.1:1", 403)]
    [InlineData(null, "self", 201)]
    [InlineData(null, null, 201)]
    public async Task A_write_from_a_page_of_elsewhere_is_refused(string? site, string? origin, int status)
    {
        foreach (var key in (string?[])[null, "the-right-key-0123456789-abcdef-xyz"])
        {
            await using var host = await RcaHost.StartAsync(services: services => services.Configure<AgentOpsRcaOptions>(options => options.ApiKey = key));
            using var request = new HttpRequestMessage(HttpMethod.Post, "/artifacts?mime=text/plain") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes("planted")) };
            request.Content.Headers.ContentType = new("text/plain");
            Add(request, "Sec-Fetch-Site", site);
            Add(request, "Origin", origin == "self" ? host.Address.GetLeftPart(UriPartial.Authority) : origin);
            Add(request, "X-Api-Key", key);
            using var response = await host.Client.SendAsync(request);

            Assert.Equal((HttpStatusCode)status, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("evil.example", 403)]
    [InlineData("169.254.169.254", 403)]
    [InlineData("localhost.evil.example", 403)]
    [InlineData("127.0.0.1.evil.example", 403)]
    [InlineData("localhost:8000", 200)]
    [InlineData("rca.localhost", 200)]
    [InlineData("127.0.0.2:80", 200)]
    [InlineData("[::1]:8000", 200)]
    public async Task Without_a_key_only_names_of_this_machine_are_answered(string name, int status)
    {
        await using var host = await RcaHost.StartAsync();
        foreach (var path in (string[])["/incidents", "/", "/docs", "/openapi/v1.json", "/rca/session", "/health/ready"])
        {
            Assert.Equal((path, (HttpStatusCode)status), (path, await SendAsync(host, path, name)));
        }

        Assert.Equal(HttpStatusCode.OK, await SendAsync(host, "/health", name));
    }

    [Fact]
    public async Task Where_the_host_has_said_that_no_key_is_needed_it_answers_under_any_name()
    {
        await using var host = await RcaHost.StartAsync(options: options => options.RequireApiKey = false);

        Assert.Equal(HttpStatusCode.OK, await SendAsync(host, "/incidents", "rca.corp.example"));
    }

    [Fact]
    public async Task Every_answer_tells_browsers_and_caches_to_keep_out()
    {
        await using var host = await RcaHost.StartAsync();
        foreach (var path in (string[])["/incidents", "/health", "/incidents/0190a8c2-5d1e-7c43-9b1f-2f6a4de0c111", "/traces/spans", "/openapi/v1.json"])
        {
            using var response = await host.Client.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
            Assert.Contains("frame-ancestors 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.Equal("same-origin", response.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
            Assert.True(response.Headers.CacheControl!.NoStore, path);
        }
    }

    private static void Add(HttpRequestMessage request, string name, string? value)
    {
        if (value is not null)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private static async Task<HttpStatusCode> SendAsync(RcaHost host, string path, string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = name;
        using var response = await host.Client.SendAsync(request);
        return response.StatusCode;
    }
}
