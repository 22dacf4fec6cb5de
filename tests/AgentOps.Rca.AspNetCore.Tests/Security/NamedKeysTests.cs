using System.Net;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.AspNetCore.Security;
using AgentOps.Rca.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.AspNetCore.Tests.Security;

public sealed class NamedKeysTests
{
    private static readonly (string Secret, string Line) Agent = New("agent", CallerScopes.Ingest);
    private static readonly (string Secret, string Line) Reader = New("reader", CallerScopes.Read);
    private static readonly (string Secret, string Line) Ann = New("ann", CallerScopes.Read, CallerScopes.Analyze, CallerScopes.Decide);
    private static readonly (string Secret, string Line) Bob = New("bob", CallerScopes.Read, CallerScopes.Analyze, CallerScopes.Decide);
    private static readonly (string Secret, string Line) Admin = New("boss", CallerScopes.Admin);

    [Fact]
    public async Task The_key_of_an_agent_sends_records_and_does_nothing_else()
    {
        await using var host = await StartAsync();
        using var agent = Client(host, Agent.Secret);
        var allowed = new List<string>();
        foreach (var endpoint in host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods;
            if (methods is null || endpoint.Metadata.GetMetadata<OpenEndpoint>() is not null)
            {
                continue;
            }

            var path = System.Text.RegularExpressions.Regex.Replace(endpoint.RoutePattern.RawText!, @"\{[^}]+\}", "0190a8c2-5d1e-7c43-9b1f-2f6a4de0c111");
            using var request = new HttpRequestMessage(new HttpMethod(methods[0]), path) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
            using var response = await agent.SendAsync(request);
            if (response.StatusCode != HttpStatusCode.Forbidden)
            {
                Assert.NotEqual(HttpStatusCode.Unauthorized, response.StatusCode);
                allowed.Add($"{methods[0]} {endpoint.RoutePattern.RawText}");
            }
        }

        Assert.Equal(
            ["POST /artifacts", "POST /imports", "POST /incidents", "POST /incidents/{id}/spans", "POST /traces/spans", "POST /v1/logs", "POST /v1/metrics", "POST /v1/traces"],
            allowed.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("GET", "/incidents", "read")]
    [InlineData("HEAD", "/artifacts/2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae/content", "read")]
    [InlineData("POST", "/rca/analyze", "analyze")]
    [InlineData("POST", "/replay/strict", "analyze")]
    [InlineData("POST", "/incidents/0190a8c2-5d1e-7c43-9b1f-2f6a4de0c111/approve", "decide")]
    [InlineData("POST", "/incidents/0190a8c2-5d1e-7c43-9b1f-2f6a4de0c111/reject", "decide")]
    [InlineData("POST", "/bundles", "bundle")]
    [InlineData("POST", "/bundles/import", "bundle")]
    [InlineData("POST", "/bundles/verify", "read")]
    [InlineData("POST", "/rca/compare", "read")]
    [InlineData("POST", "/incidents", "ingest")]
    public async Task Each_endpoint_needs_its_scope_and_admin_has_all(string method, string path, string needed)
    {
        var with = New("with", needed);
        var without = New("without", [.. CallerScopes.All.Except([needed, CallerScopes.Admin])]);
        await using var host = await StartAsync(with.Line, without.Line, Admin.Line);

        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(host, method, path, without.Secret));
        Assert.NotEqual(HttpStatusCode.Forbidden, await SendAsync(host, method, path, with.Secret));
        Assert.NotEqual(HttpStatusCode.Forbidden, await SendAsync(host, method, path, Admin.Secret));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(host, method, path, null));
    }

    [Fact]
    public async Task Who_holds_a_key_signs_and_nobody_signs_for_another()
    {
        await using var host = await StartAsync();
        host.Services.GetRequiredService<IOptions<AgentOpsRcaOptions>>().Value.FourEyes = true;
        using var ann = Client(host, Ann.Secret);
        using var bob = Client(host, Bob.Secret);
        using var admin = Client(host, Admin.Secret);
        var id = (await PostAsync(admin, "/incidents", """{"problem_type":"late"}""", 201)).GetProperty("id").GetString();
        await PostAsync(ann, $"/incidents/{id}/approve", "{}", 403);
        await PostAsync(ann, "/rca/analyze", $$"""{"incident_id":"{{id}}","requested_by":"bob"}""", 403);
        await PostAsync(ann, "/rca/analyze", $$"""{"incident_id":"{{id}}"}""", 200);

        Assert.Contains("nobody acts in another's name", (await PostAsync(bob, $"/incidents/{id}/approve", """{"approved_by":"CEO <ceo@corp>"}""", 403)).GetProperty("detail").GetString(), StringComparison.Ordinal);
        await PostAsync(ann, $"/incidents/{id}/approve", """{"approved_by":"ann"}""", 403);
        var approval = await PostAsync(bob, $"/incidents/{id}/approve", """{"approved_by":"Bob","note":"Read it."}""", 200);

        Assert.Equal("bob", approval.GetProperty("approved_by").GetString());
        Assert.Equal("""{"name":"bob","authenticated":true,"scheme":"AgentOpsRcaKey","key":"bob"}""", approval.GetProperty("approver").GetRawText());
        Assert.Equal("""{"name":"ann","authenticated":true,"scheme":"AgentOpsRcaKey","key":"ann"}""", approval.GetProperty("requester").GetRawText());
        var verified = await VerifyAsync(admin, id!);
        Assert.EndsWith(
            "The analysis was asked for by ann (authenticated by AgentOpsRcaKey), somebody else by rule. Note: Read it.",
            verified.GetProperty("checks").GetProperty("approved").GetProperty("detail").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_one_key_for_all_does_everything_and_names_nobody()
    {
        await using var host = await StartAsync(Agent.Line);
        using var shared = Client(host, "one-key-for-everybody-0123456789-abcdef");
        var id = (await PostAsync(shared, "/incidents", """{"problem_type":"late"}""", 201)).GetProperty("id").GetString();
        await PostAsync(shared, "/rca/analyze", $$"""{"incident_id":"{{id}}"}""", 200);
        var approval = await PostAsync(shared, $"/incidents/{id}/approve", """{"approved_by":"ann"}""", 200);

        Assert.Equal("""{"name":"ann","authenticated":false,"scheme":"AgentOpsRcaKey","key":"AGENTOPS_API_KEY"}""", approval.GetProperty("approver").GetRawText());
        Assert.Contains(
            "ann (claimed, by a holder of the key AGENTOPS_API_KEY)",
            (await VerifyAsync(shared, id!)).GetProperty("checks").GetProperty("approved").GetProperty("detail").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_over_or_can_be_guessed_is_none()
    {
        var over = CallerKey.Create("over", [CallerScopes.Read], DateTimeOffset.UnixEpoch, out var secret).ToString();
        var weak = $"weak read never sha256:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("changeme"u8))}";
        await using var host = await StartAsync(over, weak, Reader.Line);

        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(host, "GET", "/incidents", secret));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(host, "GET", "/incidents", "changeme"));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(host, "GET", "/incidents", Reader.Secret));
    }

    [Fact]
    public async Task Keys_are_changed_while_the_host_runs()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, Reader.Line);
            await using var host = await RcaHost.StartAsync(services: services => services.Configure<AgentOpsRcaOptions>(options => options.Keys = file));
            Assert.Equal(HttpStatusCode.OK, await SendAsync(host, "GET", "/incidents", Reader.Secret));
            await File.WriteAllTextAsync(file, $"{Reader.Line}\n{Ann.Line}");
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
            await Task.Delay(TimeSpan.FromSeconds(1.1));
            Assert.Equal(HttpStatusCode.OK, await SendAsync(host, "GET", "/incidents", Ann.Secret));
            Assert.Equal(HttpStatusCode.OK, await SendAsync(host, "GET", "/incidents", Reader.Secret));
            await File.WriteAllTextAsync(file, Ann.Line);
            await Task.Delay(TimeSpan.FromSeconds(1.1));
            Assert.Equal(HttpStatusCode.OK, await SendAsync(host, "GET", "/incidents", Ann.Secret));
            Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(host, "GET", "/incidents", Reader.Secret));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("Development")]
    [InlineData("Production")]
    public async Task A_file_without_keys_lets_nobody_in_until_it_has_one(string environment)
    {
        var file = Path.GetTempFileName();
        try
        {
            await using var host = await RcaHost.StartAsync(services: services => services.Configure<AgentOpsRcaOptions>(options => options.Keys = file), environment: environment);
            Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(host, "GET", "/incidents", null));
            await File.WriteAllTextAsync(file, Reader.Line);
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
            await Task.Delay(TimeSpan.FromSeconds(1.1));
            Assert.Equal(HttpStatusCode.OK, await SendAsync(host, "GET", "/incidents", Reader.Secret));
            Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(host, "GET", "/incidents", null));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("changeme")]
    [InlineData("a")]
    public async Task In_production_a_key_that_can_be_guessed_stops_the_start(string key)
    {
        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(async () => await RcaHost.StartAsync(
            services: services => services.Configure<AgentOpsRcaOptions>(options => options.ApiKey = key), environment: "Production"));

        Assert.StartsWith("AGENTOPS_API_KEY can be guessed", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_that_are_no_keys_stop_the_start()
    {
        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(async () => await StartAsync("nobody knows"));

        Assert.Contains("entry 1", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("Keys", wrong.Message, StringComparison.OrdinalIgnoreCase);
    }

    private static (string Secret, string Line) New(string name, params string[] scopes)
    {
        var line = CallerKey.Create(name, scopes, null, out var secret).ToString();
        return (secret, line);
    }

    private static ValueTask<RcaHost> StartAsync(params string[] lines) => RcaHost.StartAsync(services: services => services.Configure<AgentOpsRcaOptions>(options =>
    {
        options.Keys = string.Join('\n', lines.Length > 0 ? lines : [Agent.Line, Reader.Line, Ann.Line, Bob.Line, Admin.Line]);
        options.Keys += options.Keys.Contains("sha256:", StringComparison.Ordinal) ? "" : " sha256:";
        options.ApiKey = "one-key-for-everybody-0123456789-abcdef";
    }));

    private static HttpClient Client(RcaHost host, string secret)
    {
        var client = host.NewDescribedClient();
        client.DefaultRequestHeaders.Add("X-Api-Key", secret);
        client.DefaultRequestHeaders.Add("Accept", "application/json");
        return client;
    }

    private static async Task<HttpStatusCode> SendAsync(RcaHost host, string method, string path, string? secret)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = method == "GET" ? null : new StringContent("{}", Encoding.UTF8, "application/json") };
        if (secret is not null)
        {
            request.Headers.Add("Authorization", $"Bearer {secret}");
        }

        using var response = await host.Client.SendAsync(request);
        return response.StatusCode;
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, string json, int status)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal((status, text), ((int)response.StatusCode, text));
        return JsonElement.Parse(text);
    }

    private static async Task<JsonElement> VerifyAsync(HttpClient client, string id)
    {
        var exported = await PostAsync(client, "/bundles", $$"""{"incident_id":"{{id}}"}""", 200);
        using var content = new ByteArrayContent(exported.GetProperty("bundle").GetBytesFromBase64());
        content.Headers.ContentType = new("application/zip");
        using var response = await client.PostAsync(new Uri("/bundles/verify", UriKind.Relative), content);
        return JsonElement.Parse(await response.Content.ReadAsStringAsync());
    }
}
