using System.Net;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Testing.Supabase;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Supabase.Tests.Http;

/// <summary>A host that finds Supabase in its settings, as users start it.</summary>
public sealed class SupabaseHostTests
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_SUPABASE_DB_URL_an_empty_database_is_ready_when_the_host_has_started()
    {
        await using var database = await TestDatabase.CreateAsync(migrated: false);
        await using var host = await StartAsync(("SUPABASE_DB_URL", database.Direct));
        using var client = NewClient(host);

        await AssertServesAsync(client);

        var card = await client.GetStringAsync(new Uri("/", UriKind.Relative), TestToken);
        Assert.Contains("Supabase PostgreSQL at 127.0.0.1:", card, StringComparison.Ordinal);
        Assert.DoesNotContain("password", card, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Behind_the_transaction_pooler_the_host_starts_and_readiness_says_which_migrations_to_run()
    {
        await using var database = await TestDatabase.CreateAsync(migrated: false);
        await using var host = await StartAsync(("SUPABASE_DB_URL", database.Pooled));
        using var client = NewClient(host);

        using var ready = await client.GetAsync(new Uri("/health/ready", UriKind.Relative), TestToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("supabase/migrations/", await ready.Content.ReadAsStringAsync(TestToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_SUPABASE_URL_and_SUPABASE_KEY_the_host_starts_while_the_project_is_down_and_serves_when_it_is_back()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await PostgrestServer.StartAsync(database);
        await server.StopAsync();
        await using var host = await StartAsync(("SUPABASE_URL", server.Url), ("SUPABASE_KEY", "sb_secret_test"));
        using var client = NewClient(host);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await GetReadinessAsync(client));

        await server.RestartAsync();

        Assert.Equal(HttpStatusCode.OK, await GetReadinessAsync(client));
        await AssertServesAsync(client);
    }

    [Fact]
    public async Task A_key_that_row_level_security_stops_stops_the_start_and_is_not_repeated()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await PostgrestServer.StartAsync(database);
        var key = SupabaseServices.Current.AnonKey;

        var failure = await Assert.ThrowsAsync<StoreSetupException>(
            () => StartAsync(("SUPABASE_URL", server.Url), ("SUPABASE_KEY", key)));

        Assert.Contains("SUPABASE_KEY", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(key, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_string_that_cannot_be_read_stops_the_start()
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(
            () => StartAsync(("SUPABASE_DB_URL", "postgresql://postgres:secret-value@host:port/postgres")));

        Assert.Contains("SUPABASE_DB_URL", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-value", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<WebApplication> StartAsync(params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value));
        builder.Services.AddAgentOpsRca();
        var application = builder.Build();
        try
        {
            application.MapAgentOpsRca();
            await application.StartAsync(TestToken);
            return application;
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    private static HttpClient NewClient(WebApplication host) => new() { BaseAddress = new Uri(host.Urls.Single()) };

    private static async Task<HttpStatusCode> GetReadinessAsync(HttpClient client)
    {
        using var ready = await client.GetAsync(new Uri("/health/ready", UriKind.Relative), TestToken);
        return ready.StatusCode;
    }

    // A record, an artifact whose bytes are in the database, and both read back.
    private static async Task AssertServesAsync(HttpClient client)
    {
        Assert.Equal(HttpStatusCode.OK, await GetReadinessAsync(client));
        using var incident = await client.PostAsync(
            new Uri("/incidents", UriKind.Relative),
            new StringContent("""{"order_id":"o","problem_type":"p"}""", Encoding.UTF8, "application/json"),
            TestToken);
        Assert.Equal(HttpStatusCode.Created, incident.StatusCode);
        Assert.Contains("\"order_id\":\"o\"", await client.GetStringAsync(incident.Headers.Location, TestToken), StringComparison.Ordinal);
        using var artifact = await client.PostAsync(
            new Uri("/artifacts", UriKind.Relative), new ByteArrayContent("bytes"u8.ToArray()) { Headers = { { "Content-Type", "text/plain" } } }, TestToken);
        Assert.Equal(HttpStatusCode.Created, artifact.StatusCode);
        var digest = JsonElement.Parse(await artifact.Content.ReadAsStringAsync(TestToken)).GetProperty("digest").GetString();
        Assert.Equal("bytes", await client.GetStringAsync(new Uri($"/artifacts/{digest}/content", UriKind.Relative), TestToken));
    }
}
