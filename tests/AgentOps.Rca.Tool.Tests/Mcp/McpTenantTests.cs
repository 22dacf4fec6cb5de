using AgentOps.Rca.Identity;
using AgentOps.Rca.Tenancy;
using AgentOps.Rca.Testing.Tenants;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Tool.Tests.Mcp;

/// <summary>The tools answer from the stores of the caller's tenant.</summary>
public sealed class McpTenantTests
{
    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_tool_resource_or_prompt_and_no_endpoint_beside_them_tells_a_tenant_of_what_is_anothers()
    {
        var acmeKey = CallerKey.Create("acmeonly-boss", [CallerScopes.Admin], null, "acme", out var acmeSecret);
        var globexKey = CallerKey.Create("globexonly-boss", [CallerScopes.Admin], null, "globex", out var globexSecret);
        var lostKey = CallerKey.Create("lost", [CallerScopes.Admin], null, out var lostSecret);
        await using var host = await McpHost.StartAsync(
            options => (options.AllowAnalyze, options.AllowDecide) = (true, true),
            services =>
            {
                services.Configure<AgentOpsRcaOptions>(options => options.Keys = $"{acmeKey};{globexKey};{lostKey}");
                services.Configure<RcaTenantsOptions>(options => options.Names = "acme,globex");
            });
        using var acmeClient = new HttpClient(new KeyUnlessSession(acmeSecret)) { BaseAddress = host.Address };
        using var globexClient = new HttpClient(new KeyUnlessSession(globexSecret)) { BaseAddress = host.Address };
        var (acme, globex) = (new TenantSide(acmeClient, "acmeonly", acmeSecret, "/rca"), new TenantSide(globexClient, "globexonly", globexSecret, "/rca"));
        await acme.FillAsync(TestToken);
        await globex.FillAsync(TestToken);
        var doors = await TenantSurface.ReadAsync(acmeClient, "/rca", "/mcp", TestToken);

        // Those that act are among them, the resource and the prompt too.
        Assert.Superset(
            new HashSet<string>(["tools/analyze", "tools/decide", "prompts/postmortem", "resources/rca://incidents/{id}"]),
            doors.Where(static door => door.Method == TenantMcp.Method).Select(static door => door.Pattern).ToHashSet());
        await new TenantTrial(acme, globex, doors, "/rca", "/mcp").RunAsync(seed: 11, TenantTrial.Count, "memory", static _ => false, TestToken);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => host.ConnectAsync(new Dictionary<string, string> { ["X-Api-Key"] = lostSecret }));
    }
}
