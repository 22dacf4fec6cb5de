using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using AgentOps.Rca.Mcp;
using AgentOps.Rca.Spans;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;

namespace AgentOps.Rca.Tool.Tests.Mcp;

/// <summary>A host with the API and the MCP server on a real Kestrel.</summary>
internal sealed class McpHost : IAsyncDisposable
{
    private readonly WebApplication _application;

    private McpHost(WebApplication application)
    {
        _application = application;
        Address = new Uri(application.Urls.Single());
    }

    public Uri Address { get; }

    public IServiceProvider Services => _application.Services;

    public static async Task<McpHost> StartAsync(
        Action<AgentOpsRcaMcpOptions>? options = null, Action<IServiceCollection>? services = null, Action<WebApplication>? routes = null, string environment = "Development",
        Action<IEndpointConventionBuilder>? mcp = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddAgentOpsRca().UseInMemory().AddMcp(options);
        services?.Invoke(builder.Services);
        var application = builder.Build();
        routes?.Invoke(application);
        application.MapAgentOpsRca("/rca");
        var mapped = application.MapAgentOpsRcaMcp("/mcp");
        mcp?.Invoke(mapped);
        await application.StartAsync();
        return new McpHost(application);
    }

    public async Task<McpClient> ConnectAsync(IDictionary<string, string>? headers = null, string path = "/mcp") => await McpClient.CreateAsync(
        new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(Address, path),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = headers,
        }),
        cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Stores an incident of the demonstration, analyses it, and gives its id.</summary>
    public async Task<Guid> AddScenarioAsync(string name = "late-delivery", bool analyze = true)
    {
        var root = JsonElement.Parse(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "Scenarios", $"{name}.json")));
        var incident = root.GetProperty("incident");
        var id = incident.GetProperty("id").GetGuid();
        await Services.GetRequiredService<IIncidentStore>().AddAsync(new Incident
        {
            Id = id,
            OrderId = incident.GetProperty("order_id").GetString()!,
            ProblemType = incident.GetProperty("problem_type").GetString()!,
            CreatedTs = incident.GetProperty("created_ts").GetDateTimeOffset(),
        });
        foreach (var call in root.GetProperty("spans").EnumerateArray())
        {
            await Services.GetRequiredService<ISpanStore>().AddAsync([new Span
            {
                SpanId = call.GetProperty("span_id").GetString()!,
                ParentId = call.GetProperty("parent_id").GetString(),
                Tool = call.GetProperty("tool").GetString()!,
                StartTs = call.GetProperty("start_ts").GetInt64(),
                EndTs = call.GetProperty("end_ts").GetInt64(),
                ArgsDigest = await PutAsync(call, "args"),
                ResultDigest = await PutAsync(call, "result"),
                Attributes = call.GetProperty("attributes"),
                IncidentId = id.ToString("D"),
            }]);
        }

        if (analyze)
        {
            Assert.IsType<RcaOutcome.Completed>(await Services.GetRequiredService<IRcaAnalyzer>().AnalyzeAsync(new RcaRequest { IncidentId = id }));
        }

        return id;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task<string?> PutAsync(JsonElement call, string name) => call.TryGetProperty(name, out var value)
        ? (await Services.GetRequiredService<ArtifactVault>().PutAsync(CanonicalJson.ToUtf8(value), "application/json", piiMasked: true)).Artifact.Digest.ToString()
        : null;
}
