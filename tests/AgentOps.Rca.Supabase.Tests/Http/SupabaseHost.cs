using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Supabase.Tests.Http;

/// <summary>A host in this process that reads its settings as users give them.</summary>
public sealed class SupabaseHost : IAsyncDisposable
{
    private readonly WebApplication _application;

    private SupabaseHost(WebApplication application)
    {
        _application = application;
        Client = new HttpClient { BaseAddress = new Uri(application.Urls.Single()) };
    }

    /// <summary>A client whose base address is the host.</summary>
    public HttpClient Client { get; }

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    public static async Task<SupabaseHost> StartAsync(params (string Name, string Value)[] settings)
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
            return new SupabaseHost(application);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    public async Task<HttpStatusCode> GetStatusAsync(string path)
    {
        using var reply = await Client.GetAsync(new Uri(path, UriKind.Relative), TestToken);
        return reply.StatusCode;
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string json)
    {
        using var reply = await Client.PostAsync(
            new Uri(path, UriKind.Relative), new StringContent(json, Encoding.UTF8, "application/json"), TestToken);
        return (reply.StatusCode, JsonElement.Parse(await reply.Content.ReadAsStringAsync(TestToken)));
    }

    /// <summary>A record, an artifact whose bytes are stored, and both read back.</summary>
    public async Task AssertServesAsync()
    {
        Assert.Equal(HttpStatusCode.OK, await GetStatusAsync("/health/ready"));
        var (created, incident) = await PostAsync("/incidents", """{"order_id":"o","problem_type":"p"}""");
        Assert.Equal(HttpStatusCode.Created, created);
        Assert.Equal(HttpStatusCode.OK, await GetStatusAsync($"/incidents/{incident.GetProperty("id").GetGuid()}"));
        using var artifact = await Client.PostAsync(
            new Uri("/artifacts", UriKind.Relative), new ByteArrayContent("bytes"u8.ToArray()) { Headers = { { "Content-Type", "text/plain" } } }, TestToken);
        Assert.Equal(HttpStatusCode.Created, artifact.StatusCode);
        var digest = JsonElement.Parse(await artifact.Content.ReadAsStringAsync(TestToken)).GetProperty("digest").GetString();
        Assert.Equal("bytes", await Client.GetStringAsync(new Uri($"/artifacts/{digest}/content", UriKind.Relative), TestToken));
    }

    public Task StopAsync() => _application.StopAsync(TestToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.DisposeAsync();
    }
}
