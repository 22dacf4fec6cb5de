using System.Net;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Identity;

namespace AgentOps.Rca.AspNetCore.Tests.ReadyHost;

/// <summary>The ready host behind a proxy that ends TLS: what the proxy says of the caller counts where it is told so, and from nobody else.</summary>
public sealed class BehindProxyTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_proxy_says_of_TLS_and_of_the_callers_address_counts_only_where_that_is_set(bool isSet)
    {
        var key = CallerKey.Create("ann", [CallerScopes.Admin], null, out var secret);
        await using var host = ReadyHostProcess.Start(new Dictionary<string, string>
        {
            ["AGENTOPS_KEYS"] = key.ToString(),
            ["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = isSet ? "true" : "false",
        });
        await host.WaitAsync();

        using var wrong = Proxied(HttpMethod.Get, "/incidents", "a-key-that-nobody-has-given-out-0123456789");
        using var refused = await host.Client.SendAsync(wrong);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal(isSet ? ["max-age=31536000; includeSubDomains"] : [], Values(refused, "Strict-Transport-Security"));

        using var signIn = Proxied(HttpMethod.Post, "/rca/session", secret);
        signIn.Content = new StringContent($$"""{"key":"{{secret}}"}""", Encoding.UTF8, "application/json");
        using var session = await host.Client.SendAsync(signIn);
        var cookie = Assert.Single(Values(session, "Set-Cookie"));
        Assert.Equal(isSet, cookie.StartsWith("__Host-", StringComparison.Ordinal));
        Assert.Equal(isSet, cookie.Contains("; secure", StringComparison.OrdinalIgnoreCase));

        using var look = Proxied(HttpMethod.Get, "/audit?action=audit.key_refused", secret);
        using var audit = await host.Client.SendAsync(look);
        var record = Assert.Single(JsonElement.Parse(await audit.Content.ReadAsStringAsync()).EnumerateArray());
        Assert.Equal(isSet ? "203.0.113.7" : "127.0.0.1", record.GetProperty("source").GetString());
    }

    private static HttpRequestMessage Proxied(HttpMethod method, string path, string key) => new(method, new Uri(path, UriKind.Relative))
    {
        Headers = { { "X-Api-Key", key }, { "X-Forwarded-Proto", "https" }, { "X-Forwarded-For", "203.0.113.7" }, { "Host", "rca.example" } },
    };

    private static string[] Values(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? [.. values] : [];
}
