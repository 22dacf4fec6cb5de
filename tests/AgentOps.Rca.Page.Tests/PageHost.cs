using System.IO.Compression;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.WebHost.Demo;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.Page.Tests;

/// <summary>The API and its page on a real Kestrel, over a database and a directory that a test can reach behind it.</summary>
public sealed class PageHost : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly string _directory;

    private PageHost(WebApplication application, string directory)
    {
        _application = application;
        _directory = directory;
        Address = application.Urls.Single().TrimEnd('/');
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(Address) };
    }

    /// <summary>The first incident of the demonstration.</summary>
    public static string FirstId => Scenario.FirstId;

    /// <summary>Where it listens, without a slash at the end.</summary>
    public string Address { get; }

    /// <summary>A client that follows no redirect.</summary>
    public HttpClient Client { get; }

    /// <summary>Starts a host.</summary>
    /// <param name="hasDemo">Whether it has the incidents of the demonstration, analysed.</param>
    /// <param name="map">Maps the API; by default at the root.</param>
    /// <param name="use">What stands before the endpoints.</param>
    /// <param name="configure">The library's settings.</param>
    /// <param name="services">More services.</param>
    /// <param name="over">The directory of a host that was stopped, which this one takes over.</param>
    public static async Task<PageHost> StartAsync(
        bool hasDemo = true, Action<IEndpointRouteBuilder>? map = null, Action<IApplicationBuilder>? use = null, Action<AgentOpsRcaOptions>? configure = null,
        Action<IServiceCollection>? services = null, string? over = null)
    {
        var directory = over ?? Directory.CreateTempSubdirectory("agentops-rca-page").FullName;
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(new IncidentClock());
        builder.Services.AddAgentOpsRca().UseSqlite();
        builder.Services.Configure<AgentOpsRcaOptions>(options =>
        {
            (options.DataDirectory, options.ArtifactDirectory) = (directory, Path.Combine(directory, "artifacts"));
            configure?.Invoke(options);
        });
        services?.Invoke(builder.Services);
        var application = builder.Build();
        use?.Invoke(application);
        application.UseRouting();
        // Who routes by hand places the framework's middleware by hand: what it adds itself stands before the routing, and sees no endpoint.
        if (application.Services.GetService<IAuthenticationSchemeProvider>() is not null)
        {
            application.UseAuthentication();
        }

        if (application.Services.GetService<IAuthorizationPolicyProvider>() is not null)
        {
            application.UseAuthorization();
        }

        (map ?? (static endpoints => endpoints.MapAgentOpsRca()))(application);
        await application.StartAsync();
        var host = new PageHost(application, directory);
        if (hasDemo)
        {
            await host.StoreDemoAsync();
        }

        return host;
    }

    /// <summary>Sends JSON and reads the answer, which must be a success.</summary>
    public async Task<JsonElement> PostAsync(string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await Client.PostAsync(path, content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }

    /// <summary>Opens an incident.</summary>
    public async Task<string> OpenAsync(string orderId, string problemType = "late_delivery") =>
        (await PostAsync("/incidents", JsonSerializer.Serialize(new { order_id = orderId, problem_type = problemType }))).GetProperty("id").GetString()!;

    /// <summary>Analyses an incident with the engine that reads the trace.</summary>
    public Task<JsonElement> AnalyzeAsync(string incident) => PostAsync("/rca/analyze", JsonSerializer.Serialize(new { incident_id = incident, engine = "trace" }));

    /// <summary>Sends a run of an agent as its framework sent it, links it to a new incident, and has that analysed.</summary>
    public async Task<string> SendRecordedAsync(string name, string trace)
    {
        await SendRunsAsync(name);
        var incident = await OpenAsync(name, "agent_error");
        await PostAsync($"/incidents/{incident}/spans", $$"""{"trace_ids":["{{trace}}"]}""");
        await AnalyzeAsync(incident);
        return incident;
    }

    /// <summary>Sends runs of an agent as its framework sent them.</summary>
    public async Task SendRunsAsync(string name)
    {
        await using var unzipped = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Runs", name + ".jsonl.gz")), CompressionMode.Decompress);
        using var lines = new StreamReader(unzipped);
        while (await lines.ReadLineAsync() is { } line)
        {
            var request = JsonElement.Parse(line);
            using var content = new ByteArrayContent(Convert.FromBase64String(request.GetProperty("body").GetString()!));
            content.Headers.TryAddWithoutValidation("Content-Type", request.GetProperty("content_type").GetString());
            if (request.TryGetProperty("content_encoding", out var encoding) && encoding.GetString() is { Length: > 0 } coding)
            {
                content.Headers.ContentEncoding.Add(coding);
            }

            using var response = await Client.PostAsync(request.GetProperty("path").GetString()!, content);
            Assert.True(response.IsSuccessStatusCode, name);
        }
    }

    /// <summary>Stores spans past HTTP, many at a time.</summary>
    public async Task StoreAsync(IEnumerable<Span> spans)
    {
        var store = _application.Services.GetRequiredService<ISpanStore>();
        foreach (var batch in spans.Chunk(5_000))
        {
            await store.AddAsync([.. batch], CancellationToken.None);
        }
    }

    /// <summary>Stores content and gives its digest.</summary>
    public async Task<string> StoreAsync(byte[] content, string mime = "application/json") =>
        (await _application.Services.GetRequiredService<ArtifactVault>().PutAsync(content, mime, piiMasked: false, CancellationToken.None)).Artifact.Digest.ToString();

    /// <summary>Stops it and gives its directory, which is then another's.</summary>
    public async Task<string> StopAsync()
    {
        Client.Dispose();
        await _application.StopAsync();
        await _application.DisposeAsync();
        SqliteConnection.ClearAllPools();
        return _directory;
    }

    /// <summary>Changes the database behind the host.</summary>
    public async Task ChangeAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_directory, "agentops-rca.db")}");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests write their statements themselves.
        command.CommandText = sql;
#pragma warning restore CA2100
        Assert.True(await command.ExecuteNonQueryAsync() > 0, sql);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Requests that are under way are answered; without it they would find their services gone.
        Directory.Delete(await StopAsync(), recursive: true);
    }

    private async Task StoreDemoAsync()
    {
        var services = _application.Services;
        var vault = services.GetRequiredService<ArtifactVault>();
        foreach (var scenario in Scenario.LoadAll())
        {
            await services.GetRequiredService<IIncidentStore>().AddAsync(scenario.Incident, CancellationToken.None);
            foreach (var content in scenario.Calls.SelectMany(call => call.Contents))
            {
                await vault.PutAsync(content, "application/json", piiMasked: true, CancellationToken.None);
            }

            await services.GetRequiredService<ISpanStore>().AddAsync([.. scenario.Calls.Select(call => call.Span)], CancellationToken.None);
            ((IncidentClock)services.GetRequiredService<TimeProvider>()).StartAt(scenario.Incident.CreatedTs);
            Assert.IsType<RcaOutcome.Completed>(await services.GetRequiredService<IRcaAnalyzer>().AnalyzeAsync(new RcaRequest { IncidentId = scenario.Incident.Id }, null, CancellationToken.None));
        }
    }
}
