using System.Net;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.AspNetCore.Tests.Security;

/// <summary>Who fills the disk is stopped before it is full, so that others can read, analyse and decide.</summary>
public sealed class RoomLimitTests
{
    [Fact]
    public async Task Where_less_is_free_than_stays_free_records_are_503_and_everything_else_goes_on()
    {
        using var directory = new TemporaryDirectory();
        await using var host = await StartAsync(directory, static _ => { });
        var id = await OpenAsync(host.Client);
        await using var full = await StartAsync(directory, static options => options.MinFreeDiskBytes = long.MaxValue);

        foreach (var (path, type, body) in new[]
        {
            ("/incidents", "application/json", """{"problem_type":"late"}"""),
            ("/traces/spans", "application/json", "[]"),
            ("/artifacts", "application/json", """{"mime":"text/plain","content":"eA=="}"""),
            ("/v1/traces", "application/json", """{"resourceSpans":[]}"""),
            ("/imports", "application/octet-stream", "[]"),
            ("/bundles/import", "application/zip", "PK"),
        })
        {
            using var refused = await PostAsync(full.Client, path, body, type);
            Assert.True(refused.StatusCode == HttpStatusCode.ServiceUnavailable, $"{path} is {refused.StatusCode}.");
            Assert.Equal(TimeSpan.FromSeconds(60), refused.Headers.RetryAfter!.Delta);
            var problem = JsonElement.Parse(await refused.Content.ReadAsStringAsync());
            Assert.Equal("urn:agentops-rca:problem:insufficient-storage", problem.GetProperty("type").GetString());
            Assert.Contains("MinFreeDiskBytes", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.OK, (await full.Client.GetAsync(new Uri($"/incidents/{id}", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(full.Client, "/rca/analyze", $$"""{"incident_id":"{{id}}"}""")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(full.Client, $"/incidents/{id}/approve", """{"approved_by":"ann"}""")).StatusCode);
        var ready = JsonElement.Parse(await full.Client.GetStringAsync(new Uri("/health/ready", UriKind.Relative)));
        Assert.Contains("MinFreeDiskBytes", ready.GetProperty("warning").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("MinFreeDiskBytes", await host.Client.GetStringAsync(new Uri("/health/ready", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_records_and_content_may_take_bounds_each_tenant_by_itself_and_a_large_body_before_it_is_read()
    {
        using var directory = new TemporaryDirectory();
        var north = CallerKey.Create("n", [CallerScopes.Admin], null, "north", out var northSecret);
        var south = CallerKey.Create("s", [CallerScopes.Admin], null, "south", out var southSecret);
        await using var host = await StartAsync(
            directory,
            options => options.MaxStoredBytes = 3_000_000,
            services => services.Configure<AgentOpsRcaOptions>(value => value.Keys = $"{north};{south}"),
            rca => rca.AddTenants(tenants => tenants.Names = "north,south"));
        using var northClient = ClientOf(host, northSecret);
        using var southClient = ClientOf(host, southSecret);
        await OpenAsync(northClient);

        using var large = await PostAsync(northClient, "/artifacts", new string('x', 3_000_000), "text/plain");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, large.StatusCode);
        Assert.Contains("MaxStoredBytes", await large.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        // As files and in the tables; what is taken is measured every five seconds.
        var taken = 0;
        var until = DateTime.UtcNow.AddMinutes(1);
        while ((await PostAsync(northClient, "/artifacts", new string((char)('a' + (taken % 26)), 50_000 + taken), "text/plain")).StatusCode == HttpStatusCode.Created)
        {
            taken++;
            Assert.True(DateTime.UtcNow < until, $"{taken} artifacts of 50 KB were taken.");
        }

        Assert.True(taken >= 40, $"{taken} artifacts were taken.");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(northClient, "/incidents", """{"problem_type":"late"}""")).StatusCode);
        await OpenAsync(southClient);
    }

    private static ValueTask<RcaHost> StartAsync(
        TemporaryDirectory directory, Action<AgentOpsRcaHttpOptions> options, Action<IServiceCollection>? services = null, Action<IAgentOpsRcaBuilder>? more = null) =>
        RcaHost.StartAsync(
            services: collection =>
            {
                services?.Invoke(collection);
                collection.Configure<AgentOpsRcaOptions>(value =>
                {
                    value.DataDirectory = directory.Path;
                    value.ArtifactDirectory = Path.Combine(directory.Path, "artifacts");
                });
            },
            options: options,
            storage: rca =>
            {
                more?.Invoke(rca);
                return rca.UseSqlite(Path.Combine(directory.Path, "rca.db"));
            });

    private static HttpClient ClientOf(RcaHost host, string secret)
    {
        var client = host.NewClient();
        client.DefaultRequestHeaders.Add("X-Api-Key", secret);
        return client;
    }

    private static async Task<string> OpenAsync(HttpClient client)
    {
        using var opened = await PostAsync(client, "/incidents", """{"problem_type":"late"}""");
        Assert.Equal(HttpStatusCode.Created, opened.StatusCode);
        return JsonElement.Parse(await opened.Content.ReadAsStringAsync()).GetProperty("id").GetString()!;
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string path, string body, string type = "application/json") =>
        client.PostAsync(new Uri(path, UriKind.Relative), new StringContent(body, Encoding.UTF8, type));
}
