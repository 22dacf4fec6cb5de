using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.AspNetCore.Tests.Security;

public sealed class ApiKeyTests
{
    [Theory]
    [InlineData("X-Api-Key", "right", HttpStatusCode.OK)]
    [InlineData("Authorization", "Bearer right", HttpStatusCode.OK)]
    [InlineData("Authorization", "bearer right", HttpStatusCode.OK)]
    [InlineData("Authorization", "Basic right", HttpStatusCode.Unauthorized)]
    [InlineData("Authorization", "right", HttpStatusCode.Unauthorized)]
    [InlineData("X-Api-Key", "Right", HttpStatusCode.Unauthorized)]
    [InlineData("X-Api-Key", "right2", HttpStatusCode.Unauthorized)]
    [InlineData("X-Api-Key", "", HttpStatusCode.Unauthorized)]
    [InlineData("X-Other", "right", HttpStatusCode.Unauthorized)]
    public async Task Only_the_key_that_is_set_opens_the_api(string header, string value, HttpStatusCode status)
    {
        await using var host = await RcaHost.StartAsync(services: services => services.Configure<AgentOpsRcaOptions>(options => options.ApiKey = "right"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/incidents");
        request.Headers.TryAddWithoutValidation(header, value);
        using var response = await host.Client.SendAsync(request);

        Assert.Equal(status, response.StatusCode);
        if (status == HttpStatusCode.Unauthorized)
        {
            // RFC 6750: who has sent no token is told of no mistake.
            Assert.Equal(
                header == "X-Other" || value is "Basic right" or "right" ? "Bearer" : "Bearer error=\"invalid_token\"", response.Headers.WwwAuthenticate.ToString());
            Assert.Equal(
                "urn:agentops-rca:problem:unauthorized",
                JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("type").GetString());
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/health")]
    [InlineData("/health/ready")]
    public async Task Health_and_the_service_card_ask_for_no_key(string path)
    {
        await using var host = await RcaHost.StartAsync(services: services => services.Configure<AgentOpsRcaOptions>(options => options.ApiKey = "right"));
        using var response = await host.Client.GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task In_development_no_key_is_asked_for_when_none_is_set()
    {
        await using var host = await RcaHost.StartAsync();
        using var response = await host.Client.GetAsync("/incidents");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task In_production_a_key_is_made_and_logged_once_when_none_is_set()
    {
        using var log = new ListedLog();
        await using var host = await RcaHost.StartAsync(
            services: services => services.AddSingleton<ILoggerProvider>(log), environment: "Production");

        var line = Assert.Single(log.Lines, line => line.Contains("AGENTOPS_API_KEY", StringComparison.Ordinal));
        var key = line.Split(' ').Single(word => word.Length >= 48).TrimEnd('.');
        using var refused = await host.Client.GetAsync("/incidents");
        host.Client.DefaultRequestHeaders.Add("X-Api-Key", key);
        using var taken = await host.Client.GetAsync("/incidents");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
    }

    [Fact]
    public async Task In_production_a_host_with_its_own_authorization_is_asked_for_no_made_up_key()
    {
        using var log = new ListedLog();
        await using var host = await RcaHost.StartAsync(
            services: services =>
            {
                services.AddSingleton<ILoggerProvider>(log);
                services.AddAuthorizationBuilder().AddPolicy("anyone", policy => policy.RequireAssertion(_ => true));
            },
            group: group => group.RequireAuthorization("anyone"),
            environment: "Production");
        using var response = await host.Client.GetAsync("/incidents");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.DoesNotContain(log.Lines, line => line.Contains("AGENTOPS_API_KEY", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_host_can_say_that_no_key_is_needed()
    {
        await using var host = await RcaHost.StartAsync(options: options => options.RequireApiKey = false, environment: "Production");
        using var response = await host.Client.GetAsync("/incidents");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/health/ready")]
    public async Task Strangers_learn_nothing_of_store_and_engines(string path)
    {
        const string key = "the-right-key-0123456789-abcdef-xyz";
        await using var host = await RcaHost.StartAsync(services: services => services.Configure<AgentOpsRcaOptions>(options => options.ApiKey = key));
        using var known = host.NewClient();
        known.DefaultRequestHeaders.Add("X-Api-Key", key);
        var store = host.Services.GetRequiredService<AgentOps.Rca.Storage.StorageBackend>().Name;
        var engine = host.Services.GetRequiredService<AgentOps.Rca.Analysis.IRcaEngine>().Name;
        var told = await known.GetStringAsync(new Uri(path, UriKind.Relative));
        var untold = await host.Client.GetStringAsync(new Uri(path, UriKind.Relative));

        Assert.Contains($"\"{store}\"", told, StringComparison.Ordinal);
        Assert.Contains($"\"{engine}\"", told, StringComparison.Ordinal);
        Assert.DoesNotContain(store, untold, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(engine, untold, StringComparison.OrdinalIgnoreCase);
    }
}
