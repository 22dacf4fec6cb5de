using System.Net;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Testing;
using ModelContextProtocol.Client;

namespace AgentOps.Rca.Tool.Tests.Mcp;

/// <summary>The MCP server in the ready host: there unless it is switched off, behind the keys of the API, and changing nothing unless a setting allows it.</summary>
public sealed class McpReadyHostTests
{
    private static readonly Dictionary<string, string> Nothing = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_nothing_set_it_reads_only_and_the_start_says_where_it_is()
    {
        await using var host = ReadyHostProcess.Start(Nothing);
        await host.WaitAsync();
        await host.WaitForAsync("/docs");
        Assert.Contains($"mcp       http://localhost:{host.Port}/mcp, for coding agents, reads only", host.Output, StringComparison.Ordinal);

        var id = await AddIncidentAsync(host);
        await using var agent = await ConnectAsync(host);
        Assert.Empty((await agent.ListToolsAsync(cancellationToken: Token)).Select(tool => tool.Name).Intersect(["analyze", "decide"]));
        var incident = await agent.AskAsync("get_incident", ("incident_id", id));
        Assert.Equal($"http://127.0.0.1:{host.Port}/#incident/{id}", incident.GetProperty("page").GetString());
        Assert.DoesNotContain("mcp", await host.Client.GetStringAsync(new Uri("openapi/v1.json", UriKind.Relative), Token), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Settings_let_it_act_and_a_decision_is_made_in_the_name_of_the_key()
    {
        var ann = CallerKey.Create("on-call-ann", [CallerScopes.Read, CallerScopes.Analyze, CallerScopes.Decide], null, out var annSecret);
        var bob = CallerKey.Create("reader-bob", [CallerScopes.Read], null, out var bobSecret);
        var feed = CallerKey.Create("shop-agents", [CallerScopes.Ingest], null, out var feedSecret);
        await using var host = ReadyHostProcess.Start(new Dictionary<string, string>
        {
            ["AGENTOPS_KEYS"] = $"{ann};{bob};{feed}",
            ["AgentOpsRca__Mcp__AllowAnalyze"] = "true",
            ["AgentOpsRca__Mcp__AllowDecide"] = "true",
        });
        await host.WaitAsync();
        await host.WaitForAsync("/docs");
        Assert.Contains("/mcp, for coding agents, may analyze and decide", host.Output, StringComparison.Ordinal);
        host.Client.DefaultRequestHeaders.Add("X-Api-Key", feedSecret);
        var id = await AddIncidentAsync(host);

        Assert.Equal(HttpStatusCode.Unauthorized, (await Assert.ThrowsAnyAsync<HttpRequestException>(() => ConnectAsync(host))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await Assert.ThrowsAnyAsync<HttpRequestException>(() => ConnectAsync(host, feedSecret))).StatusCode);
        await using var reader = await ConnectAsync(host, bobSecret);
        Assert.Equal("This needs the scope analyze, which you do not have.", await reader.AskWronglyAsync("analyze", ("incident_id", id)));
        await using var agent = await ConnectAsync(host, annSecret);
        Assert.Equal("identified", (await agent.AskAsync("analyze", ("incident_id", id))).GetProperty("verdict").GetString());
        var digest = (await agent.AskAsync("get_incident", ("incident_id", id))).GetProperty("report_digest").GetString();
        Assert.Equal("on-call-ann", (await agent.AskAsync("decide", ("incident_id", id), ("decision", "approved"), ("report_digest", digest))).GetProperty("by").GetString());
    }

    [Fact]
    public async Task Switched_off_there_is_nothing()
    {
        await using var host = ReadyHostProcess.Start(new Dictionary<string, string> { ["AgentOpsRca__Mcp__Enabled"] = "false" });
        await host.WaitAsync();
        await host.WaitForAsync("/docs");
        using var answer = await host.Client.PostAsync(new Uri("mcp", UriKind.Relative), new StringContent("{}", Encoding.UTF8, "application/json"), Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("mcp       off", host.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AgentOpsRca__Mcp__Enabled", "perhaps")]
    [InlineData("AgentOpsRca__Mcp__AllowDecide", "perhaps")]
    [InlineData("AgentOpsRca__Mcp__AnswerBytes", "12")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string setting, string value)
    {
        await using var host = ReadyHostProcess.Start(new Dictionary<string, string> { [setting] = value });
        Assert.NotEqual(0, await host.WaitForEndAsync());
        Assert.Contains(setting.Replace("__", ":", StringComparison.Ordinal), host.Output.Replace("__", ":", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static Task<McpClient> ConnectAsync(ReadyHostProcess host, string? key = null) => McpClient.CreateAsync(
        new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(host.Client.BaseAddress!, "/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = key is null ? null : new Dictionary<string, string> { ["Authorization"] = $"Bearer {key}" },
        }),
        cancellationToken: Token);

    private static async Task<string> AddIncidentAsync(ReadyHostProcess host)
    {
        var created = await SendAsync("incidents", """{"order_id":"A-1","problem_type":"late_delivery"}""");
        var id = created.GetProperty("id").GetString()!;
        await SendAsync(
            "traces/spans",
            $$"""[{"span_id":"s1","tool":"tool.call/carrier.book","start_ts":1773333487301,"end_ts":1773333487642,"incident_id":"{{id}}","attributes":{"http.response.status_code":429,"error.type":"rate_limited"} }]""");
        return id;

        async Task<JsonElement> SendAsync(string path, string body)
        {
            using var answer = await host.Client.PostAsync(new Uri(path, UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"), Token);
            var text = await answer.Content.ReadAsStringAsync(Token);
            Assert.True(answer.IsSuccessStatusCode, text);
            return JsonElement.Parse(text);
        }
    }
}
