using System.Net;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.AspNetCore.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.AspNetCore.Tests;

/// <summary>Within an application that has addresses, problems and a description of its own.</summary>
public sealed class EmbeddedTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_the_host_maps_itself_wins_whichever_is_mapped_first(bool hostFirst)
    {
        await using var application = await StartAsync(
            services => services.AddHealthChecks(),
            app =>
            {
                if (!hostFirst)
                {
                    app.MapAgentOpsRca();
                }

                app.MapHealthChecks("/health");
                app.MapGet("/", () => "the host's page");
                app.MapGet("/openapi/{name}.json", (string name) => $"the host's {name}");
                app.MapGet("/docs", () => "the host's docs");
                if (hostFirst)
                {
                    app.MapAgentOpsRca();
                }
            });
        using var client = ClientOf(application);

        Assert.Equal("Healthy", await client.GetStringAsync("/health"));
        Assert.Equal("the host's page", await client.GetStringAsync("/"));
        Assert.Equal("the host's docs", await client.GetStringAsync("/docs"));
        Assert.Equal("[]", await client.GetStringAsync("/incidents"));
        Assert.Contains("ready", await client.GetStringAsync("/health/ready"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_catches_all_paths_leaves_the_api_its_own()
    {
        await using var application = await StartAsync(
            static _ => { },
            app =>
            {
                app.MapAgentOpsRca("/rca");
                app.MapGet("/{**all}", (string? all) => $"page {all}");
            });
        using var client = ClientOf(application);

        Assert.Equal("page rca/nothing", await client.GetStringAsync("/rca/nothing"));
        Assert.Contains("\"ok\"", await client.GetStringAsync("/rca/health"), StringComparison.Ordinal);
        Assert.Contains("AgentOps.Rca", await client.GetStringAsync("/rca"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_mappings_do_not_clash_in_their_names_and_share_one_key()
    {
        await using var application = await StartAsync(
            static _ => { },
            app =>
            {
                app.MapAgentOpsRca("/rca");
                app.MapAgentOpsRca("/internal/rca");
            },
            "Production");
        var names = Endpoints(application).Select(endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName).OfType<string>().ToList();

        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.Contains("rca_create_incident", names);
        Assert.Contains("rca_create_incident_2", names);
        Assert.Single(Endpoints(application).Select(endpoint => endpoint.Metadata.GetMetadata<CallerGate>()).OfType<CallerGate>().Distinct());
        var links = application.Services.GetRequiredService<LinkGenerator>();
        Assert.Equal("/internal/rca/incidents", links.GetPathByName("rca_create_incident_2", null));
    }

    [Fact]
    public async Task The_endpoints_stay_out_of_the_hosts_description_unless_it_asks_for_them()
    {
        await using var quiet = await StartAsync(static _ => { }, app => app.MapAgentOpsRca("/rca"));
        await using var told = await StartAsync(
            services => services.Configure<AgentOpsRcaHttpOptions>(options => options.DescribeInHost = true), app => app.MapAgentOpsRca("/rca"));

        Assert.All(Endpoints(quiet), endpoint => Assert.NotNull(endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>()));
        Assert.Contains(Endpoints(told), endpoint => endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null);
    }

    [Fact]
    public async Task Routes_have_no_slash_at_their_end()
    {
        await using var application = await StartAsync(static _ => { }, app => app.MapAgentOpsRca("/rca"));

        Assert.All(Endpoints(application).OfType<RouteEndpoint>(), endpoint => Assert.False(endpoint.RoutePattern.RawText!.EndsWith('/'), endpoint.RoutePattern.RawText));
    }

    [Fact]
    public async Task Problems_go_the_way_of_the_hosts_own()
    {
        await using var application = await StartAsync(
            services => services.AddProblemDetails(options => options.CustomizeProblemDetails = context => context.ProblemDetails.Extensions["shop"] = "yes"),
            app => app.MapAgentOpsRca());
        using var client = ClientOf(application);
        using var body = new StringContent("""{"order_id":"o"}""", Encoding.UTF8, "application/json");
        using var response = await client.PostAsync("/incidents", body);

        var problem = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("urn:agentops-rca:problem:invalid", problem.GetProperty("type").GetString());
        Assert.True(problem.GetProperty("errors").TryGetProperty("/problem_type", out _), problem.GetRawText());
        Assert.Equal("yes", problem.GetProperty("shop").GetString());
        Assert.True(problem.TryGetProperty("traceId", out _));
    }

    [Theory]
    [InlineData("DELETE", "/incidents", "DELETE does not exist here; GET and POST do.")]
    [InlineData("DELETE", "/rca/analyze", "DELETE does not exist here; POST does.")]
    public async Task A_method_that_is_not_there_is_told_with_those_that_are(string method, string path, string sentence)
    {
        await using var application = await StartAsync(static _ => { }, app => app.MapAgentOpsRca());
        using var client = ClientOf(application);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await client.SendAsync(request);

        Assert.Equal(sentence, JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("detail").GetString());
    }

    private static IReadOnlyList<Endpoint> Endpoints(WebApplication application) => application.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    internal static HttpClient ClientOf(WebApplication application) => new() { BaseAddress = new Uri(application.Urls.Single()) };

    internal static async Task<WebApplication> StartAsync(Action<IServiceCollection> services, Action<WebApplication> map, string environment = "Development")
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddAgentOpsRca().UseInMemory();
        services(builder.Services);
        var application = builder.Build();
        map(application);
        await application.StartAsync();
        return application;
    }
}
