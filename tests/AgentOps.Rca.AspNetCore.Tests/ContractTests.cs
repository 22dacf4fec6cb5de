using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.AspNetCore.Tests;

/// <summary>What the contract tests of every feature share. A backend is tested by subclassing each of them with its fixture.</summary>
/// <typeparam name="TBackend">The backend behind the API.</typeparam>
public abstract class ContractTests<TBackend>(TBackend backend) : IClassFixture<TBackend>, IAsyncLifetime
    where TBackend : StoreBackend
{
    private RcaHost? _host;
    private HttpClient? _client;

    /// <summary>The host of the test, with stores that no other test sees.</summary>
    protected RcaHost Host => _host!;

    /// <summary>The engine of the host.</summary>
    protected ScriptedEngine Engine { get; } = new();

    /// <summary>A client whose answers must be as the API's description says.</summary>
    protected HttpClient Client => _client ??= Host.NewDescribedClient();

    /// <summary>Whether content can be changed behind the stores.</summary>
    protected bool CanCorruptContent => backend.CanCorruptContent;

    public async ValueTask InitializeAsync()
    {
        if (backend.Unavailable is { } reason)
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("AGENTOPS_REQUIRE_ALL") == "1", $"{backend.Name}: {reason}");
            Assert.Fail($"{backend.Name}: {reason}");
        }

        _host = await StartAsync(await backend.CreateAsync());
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    protected virtual ValueTask<RcaHost> StartAsync(StoreSet stores) => RcaHost.StartAsync(stores, engine: Engine);

    protected Task<HttpResponseMessage> PostJsonAsync(string path, string json, params (string Name, string Value)[] headers) =>
        PostAsync(path, Encoding.UTF8.GetBytes(json), "application/json", headers);

    protected async Task<HttpResponseMessage> PostAsync(string path, byte[] body, string? type, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value) || request.Content.Headers.TryAddWithoutValidation(name, value));
        }

        return await Client.SendAsync(request);
    }

    protected async Task<JsonElement> GetJsonAsync(string path)
    {
        using var response = await Client.GetAsync(path);
        return await ReadAsync(response, 200);
    }

    /// <summary>The JSON of an answer that has this status.</summary>
    protected static async Task<JsonElement> ReadAsync(HttpResponseMessage response, int status)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} instead of {status}: {text}");
        if (status >= 400)
        {
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        }

        return JsonElement.Parse(text);
    }

    /// <summary>A problem of this status and type that names this place.</summary>
    protected static async Task<JsonElement> ReadProblemAsync(HttpResponseMessage response, int status, string slug, string? place = null)
    {
        var problem = await ReadAsync(response, status);
        Assert.Equal($"urn:agentops-rca:problem:{slug}", problem.GetProperty("type").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.False(string.IsNullOrWhiteSpace(problem.GetProperty("detail").GetString()));
        if (place is not null)
        {
            Assert.True(problem.GetProperty("errors").TryGetProperty(place, out _), $"'{place}' is not named in {problem}");
        }

        return problem;
    }

    /// <summary>Analyses an incident and gives the report.</summary>
    protected async Task<JsonElement> AnalyzeAsync(Guid incidentId)
    {
        using var response = await PostJsonAsync("/rca/analyze", $$"""{"incident_id":"{{incidentId}}"}""");
        return await ReadAsync(response, 200);
    }

    protected async Task<Guid> CreateIncidentAsync(string orderId = "order-1", string problemType = "late_delivery")
    {
        using var response = await PostJsonAsync("/incidents", $$"""{"order_id":"{{orderId}}","problem_type":"{{problemType}}"}""");
        return (await ReadAsync(response, 201)).GetProperty("id").GetGuid();
    }
}
