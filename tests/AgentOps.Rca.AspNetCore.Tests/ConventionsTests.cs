using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AgentOps.Rca.Incidents;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace AgentOps.Rca.AspNetCore.Tests;

/// <summary>What hosts of ASP.NET Core expect of a library that maps endpoints.</summary>
public sealed class ConventionsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Agents_probes_readers_and_approvers_get_policies_of_their_own()
    {
        await using var host = await RcaHost.StartAsync(pattern: "/rca", group: rca =>
        {
            rca.Ingest.WithMetadata("ingest");
            rca.Read.WithMetadata("read");
            rca.Act.WithMetadata("act");
            rca.Health.WithMetadata("health");
            rca.WithMetadata(42);
        });
        var parts = new Dictionary<string, string?>();
        foreach (var endpoint in host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            Assert.Contains(42, endpoint.Metadata.OfType<int>());
            if (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods)
            {
                parts[$"{methods[0]} {endpoint.RoutePattern.RawText}"] = endpoint.Metadata.OfType<string>().SingleOrDefault();
            }
        }

        Assert.All(parts, part => Assert.NotNull(part.Value));
        Assert.All(parts.Where(part => part.Key.StartsWith("GET /rca/health", StringComparison.Ordinal)), part => Assert.Equal("health", part.Value));
        Assert.All(
            parts.Where(part => part.Key.StartsWith("GET ", StringComparison.Ordinal) && !part.Key.Contains("/health", StringComparison.Ordinal)),
            part => Assert.Equal("read", part.Value));
        foreach (var (path, use) in (ReadOnlySpan<(string, string)>)
            [
                ("/incidents", "ingest"), ("/artifacts", "ingest"), ("/traces/spans", "ingest"), ("/incidents/{id}/spans", "ingest"), ("/v1/traces", "ingest"),
                ("/v1/logs", "ingest"), ("/v1/metrics", "ingest"), ("/bundles/import", "ingest"), ("/imports", "ingest"), ("/bundles/verify", "read"), ("/rca/analyze", "act"),
                ("/incidents/{id}/approve", "act"), ("/incidents/{id}/reject", "act"), ("/replay/strict", "act"), ("/bundles", "act"),
            ])
        {
            Assert.Equal((path, use), (path, parts[$"POST /rca{path}"]));
        }
    }

    [Fact]
    public async Task A_filter_of_a_part_runs_for_its_endpoints_only()
    {
        await using var host = await RcaHost.StartAsync(group: rca => rca.Act.AddEndpointFilter((_, _) => ValueTask.FromResult<object?>(Results.StatusCode(418))));
        using var analysis = await host.Client.PostAsJsonAsync("/rca/analyze", new { incident_id = Guid.NewGuid() }, Token);
        Assert.Equal(418, (int)analysis.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync("/incidents", Token)).StatusCode);
    }

    [Fact]
    public async Task A_health_check_says_whether_the_records_can_be_reached()
    {
        await using (var host = await RcaHost.StartAsync(services: services => services.AddHealthChecks().AddAgentOpsRca(tags: ["ready"])))
        {
            var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains("ready"), Token);
            Assert.Equal(HealthStatus.Healthy, report.Entries["agentops-rca"].Status);
        }

        var store = Substitute.For<IIncidentStore>();
        store.ListAsync(Arg.Any<IncidentQuery>(), Arg.Any<CancellationToken>()).Returns(_ => throw new StoreUnavailableException("The shelf is gone."));
        await using var down = await RcaHost.StartAsync(services: services => services.AddSingleton(store).AddHealthChecks().AddAgentOpsRca(failureStatus: HealthStatus.Degraded));
        var entry = (await down.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token)).Entries["agentops-rca"];
        Assert.Equal((HealthStatus.Degraded, "The shelf is gone."), (entry.Status, entry.Description));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_problem_has_the_trace_id_by_which_its_request_is_found_and_what_the_host_adds(bool hostHasProblems)
    {
        await using var host = await RcaHost.StartAsync(services: services => _ = hostHasProblems
            ? services.AddProblemDetails(options => options.CustomizeProblemDetails = context => context.ProblemDetails.Extensions["shop"] = "yes") : services);
        var problem = await (await host.Client.GetAsync($"/incidents/{Guid.NewGuid()}", Token)).Content.ReadFromJsonAsync<JsonElement>(Token);

        Assert.Equal("urn:agentops-rca:problem:not-found", problem.GetProperty("type").GetString());
        Assert.NotEqual("", problem.GetProperty("traceId").GetString());
        Assert.Equal(1, problem.EnumerateObject().Count(member => member.Name.Equals("traceId", StringComparison.OrdinalIgnoreCase)));
        Assert.Equal(hostHasProblems, problem.TryGetProperty("shop", out _));
    }

    [Fact]
    public async Task The_http_api_is_set_by_its_section_and_code_wins()
    {
        await using var host = await RcaHost.StartAsync(services: services => services.AddSingleton(Configuration(
            ("AgentOpsRca:Http:MaxJsonBodyBytes", "2048"), ("AgentOpsRca:Http:MapOtlp", "off"), ("AgentOpsRca:Http:MaxSpanBytes", "4096"))),
            options: options => options.MaxSpanBytes = 8192);
        using var large = await host.Client.PostAsJsonAsync("/incidents", new { order_id = "A", problem_type = new string('x', 4_000) }, Token);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.Client.PostAsync("/v1/traces", null, Token)).StatusCode);
    }

    [Theory]
    [InlineData("AgentOpsRca:Http:MaxSpanBytes", "12", "AgentOpsRca:Http:MaxSpanBytes must be between 1024 and")]
    [InlineData("AgentOpsRca:Http:MapOtlp", "perhaps", "AgentOpsRca:Http:MapOtlp must be true or false.")]
    [InlineData("AgentOpsRca:Http:MaxOtlpBytesInFlight", "2000", "AgentOpsRca:Http:MaxOtlpBytesInFlight must be at least MaxOtlpBodyBytes")]
    public async Task A_wrong_setting_of_the_http_api_stops_the_mapping_with_a_sentence_that_names_it(string name, string value, string sentence)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(
            async () => await RcaHost.StartAsync(services: services => services.AddSingleton(Configuration((name, value)))));
        Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);
    }

    private static IConfiguration Configuration(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value)).Build();
}
