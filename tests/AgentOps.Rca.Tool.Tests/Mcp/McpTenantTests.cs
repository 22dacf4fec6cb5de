using System.Text.Json;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Tenancy;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Client;

namespace AgentOps.Rca.Tool.Tests.Mcp;

/// <summary>The tools answer from the stores of the caller's tenant.</summary>
public sealed class McpTenantTests
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_tool_tells_a_tenant_of_what_is_anothers()
    {
        var acmeKey = CallerKey.Create("acme-boss", [CallerScopes.Admin], null, "acme", out var acmeSecret);
        var globexKey = CallerKey.Create("globex-boss", [CallerScopes.Admin], null, "globex", out var globexSecret);
        var lostKey = CallerKey.Create("lost", [CallerScopes.Admin], null, out var lostSecret);
        await using var host = await McpHost.StartAsync(
            options => (options.AllowAnalyze, options.AllowDecide) = (true, true),
            services =>
            {
                services.Configure<AgentOpsRcaOptions>(options => options.Keys = $"{acmeKey};{globexKey};{lostKey}");
                services.Configure<RcaTenantsOptions>(options => options.Names = "acme,globex");
            });
        using var http = new HttpClient { BaseAddress = host.Address };
        http.DefaultRequestHeaders.Add("X-Api-Key", acmeSecret);
        using var created = await http.PostAsync(
            new Uri("/rca/incidents", UriKind.Relative), Json("""{"order_id":"acmeonly-1","problem_type":"acmeonly"}"""), TestToken);
        var id = JsonElement.Parse(await created.Content.ReadAsStringAsync(TestToken)).GetProperty("id").GetString()!;
        using var spans = await http.PostAsync(
            new Uri("/rca/traces/spans", UriKind.Relative),
            Json($$"""[{"span_id":"acme-span","tool":"acmeonly.call","start_ts":1,"end_ts":2,"attributes":{"error.type":"acmeonly"},"incident_id":"{{id}}"}]"""),
            TestToken);
        Assert.True(spans.IsSuccessStatusCode);

        await using var acme = await host.ConnectAsync(new Dictionary<string, string> { ["X-Api-Key"] = acmeSecret });
        await using var globex = await host.ConnectAsync(new Dictionary<string, string> { ["X-Api-Key"] = globexSecret });
        Assert.Contains("acmeonly", await CallAsync(acme, "list_incidents", []), StringComparison.Ordinal);
        foreach (var tool in await globex.ListToolsAsync(cancellationToken: TestToken))
        {
            var arguments = tool.JsonSchema.GetProperty("properties").EnumerateObject()
                .Where(static property => property.Value.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == "string")
                .ToDictionary(static property => property.Name, property => (object?)(property.Name.Contains("span", StringComparison.Ordinal) ? "acme-span" : id));
            foreach (var some in (Dictionary<string, object?>[])[arguments, arguments.Where(static pair => pair.Key.EndsWith("id", StringComparison.Ordinal)).ToDictionary(), []])
            {
                Assert.DoesNotContain("acmeonly", await CallAsync(globex, tool.Name, some), StringComparison.OrdinalIgnoreCase);
            }
        }

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => host.ConnectAsync(new Dictionary<string, string> { ["X-Api-Key"] = lostSecret }));
    }

    private static StringContent Json(string body) => new(body, System.Text.Encoding.UTF8, "application/json");

    private static async Task<string> CallAsync(McpClient client, string tool, Dictionary<string, object?> arguments)
    {
        try
        {
            var result = await client.CallToolAsync(tool, arguments, cancellationToken: TestToken);
            return JsonSerializer.Serialize(result.Content) + result.StructuredContent;
        }
        catch (ModelContextProtocol.McpException refused)
        {
            return refused.Message;
        }
    }
}
