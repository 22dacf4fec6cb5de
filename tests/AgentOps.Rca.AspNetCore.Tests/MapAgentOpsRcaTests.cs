using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.AspNetCore.Tests;

public sealed class MapAgentOpsRcaTests
{
    [Fact]
    public async Task A_forgotten_AddAgentOpsRca_throws_the_line_to_write()
    {
        await using var application = WebApplication.CreateSlimBuilder().Build();

        var exception = Assert.Throws<InvalidOperationException>(() => application.MapAgentOpsRca());

        Assert.Contains("builder.Services.AddAgentOpsRca();", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_limit_throws_its_name()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddAgentOpsRca().UseInMemory();
        builder.Services.Configure<AgentOpsRcaHttpOptions>(options => options.MaxSpanBytes = 0);
        await using var application = builder.Build();

        var exception = Assert.Throws<OptionsValidationException>(() => application.MapAgentOpsRca());

        Assert.Contains(nameof(AgentOpsRcaHttpOptions.MaxSpanBytes), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Under_a_prefix_every_address_in_an_answer_has_it()
    {
        await using var host = await RcaHost.StartAsync(pattern: "/rca");
        using var created = await host.Client.PostAsync(
            "/rca/incidents", new StringContent("""{"order_id":"o","problem_type":"p"}""", System.Text.Encoding.UTF8, "application/json"));
        using var second = await host.Client.PostAsync(
            "/rca/incidents", new StringContent("""{"order_id":"o","problem_type":"p"}""", System.Text.Encoding.UTF8, "application/json"));
        using var page = await host.Client.GetAsync("/rca/incidents?limit=1");
        var card = JsonElement.Parse(await host.Client.GetStringAsync("/rca"));

        Assert.StartsWith("/rca/incidents/", created.Headers.Location?.OriginalString, StringComparison.Ordinal);
        Assert.StartsWith("</rca/incidents?limit=1&cursor=", page.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
        Assert.Equal("/rca/docs", card.GetProperty("links").GetProperty("docs").GetString());
    }

    [Fact]
    public async Task The_json_settings_of_the_host_do_not_change_the_api()
    {
        await using var host = await RcaHost.StartAsync(services: services => services.Configure<JsonOptions>(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
            options.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            options.SerializerOptions.NumberHandling = JsonNumberHandling.WriteAsString;
        }));
        using var created = await host.Client.PostAsync(
            "/incidents", new StringContent("""{"order_id":"o","problem_type":"p"}""", System.Text.Encoding.UTF8, "application/json"));

        var incident = JsonElement.Parse(await created.Content.ReadAsStringAsync());
        Assert.Equal(JsonValueKind.Null, incident.GetProperty("eta_delta_hours").ValueKind);
    }

    [Fact]
    public async Task A_store_that_cannot_be_reached_is_503_with_the_time_to_wait()
    {
        await using var host = await RcaHost.StartAsync(services: services => services.AddSingleton<IIncidentStore, UnreachableStore>());
        foreach (var path in new[] { "/incidents", "/incidents/0190a8c2-5d1e-7c43-9b1f-2f6a4de0c111", "/incidents/0190a8c2-5d1e-7c43-9b1f-2f6a4de0c111/full", "/health/ready" })
        {
            using var response = await host.Client.GetAsync(path);

            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.Equal("7", response.Headers.GetValues("Retry-After").Single());
            var problem = JsonElement.Parse(await response.Content.ReadAsStringAsync());
            Assert.Equal("urn:agentops-rca:problem:store-unavailable", problem.GetProperty("type").GetString());
        }
    }

    [Fact]
    public async Task The_service_is_ready_and_names_its_store()
    {
        await using var host = await RcaHost.StartAsync();

        var ready = JsonElement.Parse(await host.Client.GetStringAsync("/health/ready"));

        Assert.Equal("ready", ready.GetProperty("status").GetString());
        Assert.False(string.IsNullOrEmpty(ready.GetProperty("store").GetString()));
    }

    private sealed class UnreachableStore : IIncidentStore
    {
        private static StoreUnavailableException Unavailable => new("The database does not answer.") { RetryAfter = TimeSpan.FromSeconds(6.5) };

        public ValueTask<WriteOutcome> AddAsync(Incident incident, CancellationToken cancellationToken) => throw Unavailable;

        public ValueTask<Incident?> GetAsync(Guid id, CancellationToken cancellationToken) => throw Unavailable;

        public async IAsyncEnumerable<Incident> ListAsync(IncidentQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            if (!cancellationToken.IsCancellationRequested)
            {
                throw Unavailable;
            }

            yield return Samples.Incident(1);
        }

        public ValueTask<bool> TrySetStatusAsync(Guid id, string expected, string status, CancellationToken cancellationToken) => throw Unavailable;
    }
}
