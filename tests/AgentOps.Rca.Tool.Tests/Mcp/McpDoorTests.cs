using System.Net;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using AgentOps.Rca.Spans;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Server;

namespace AgentOps.Rca.Tool.Tests.Mcp;

/// <summary>Who may come in, under which name, and what they are shown: as over HTTP.</summary>
public sealed class McpDoorTests
{
    private const string Key = "0d9c4b7be1f24a6f8f3a5c2e7d1b9a64";

    private const string Initialize =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""";

    [Theory]
    [InlineData(null, HttpStatusCode.OK)]
    [InlineData("https://agent.example", HttpStatusCode.OK)]
    [InlineData("https://agent.example:8443", HttpStatusCode.Forbidden)]
    [InlineData("http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    public async Task Pages_of_other_origins_are_refused_unless_the_hosts_CORS_names_them(string? origin, HttpStatusCode status)
    {
        await using var host = await McpHost.StartAsync(
            services: services => services.AddCors(options => options.AddDefaultPolicy(policy => policy.WithOrigins("https://agent.example").AllowAnyHeader().AllowAnyMethod())));
        using var client = new HttpClient();
        using var answer = await SendAsync(client, host, request => { if (origin is not null) { request.Headers.Add("Origin", origin); } });
        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task A_name_that_was_made_to_point_here_does_not_let_a_page_of_that_name_in()
    {
        await using var host = await McpHost.StartAsync();
        using var client = new HttpClient();
        using var answer = await SendAsync(client, host, request =>
        {
            request.Headers.Host = $"rebound.example:{host.Address.Port}";
            request.Headers.Add("Origin", "http://localhost");
        });
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task The_key_of_the_API_is_asked_for_here_too()
    {
        await using var host = await McpHost.StartAsync(services: services => services.Configure<AgentOpsRcaOptions>(options => options.ApiKey = Key));
        using var client = new HttpClient();
        using var without = await SendAsync(client, host);
        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
        await using var caller = await host.ConnectAsync(new Dictionary<string, string> { ["X-Api-Key"] = Key });
        Assert.NotEmpty(await caller.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_hosts_policies_hold_and_a_decision_is_made_in_the_name_of_who_is_signed_in()
    {
        await using var host = await McpHost.StartAsync(
            options => (options.AllowAnalyze, options.AllowDecide, options.ActPolicy) = (true, true, "approvers"),
            services =>
            {
                services.AddAuthentication("names").AddScheme<AuthenticationSchemeOptions, NameScheme>("names", null);
                services.AddAuthorizationBuilder().AddPolicy("approvers", policy => policy.RequireUserName("ada"));
            },
            mcp: endpoints => endpoints.RequireAuthorization());
        var id = $"{await host.AddScenarioAsync():D}";
        using var stranger = new HttpClient();
        using var refused = await SendAsync(stranger, host);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);

        await using var bob = await host.ConnectAsync(new Dictionary<string, string> { ["X-Name"] = "bob" });
        var report = (await bob.AskAsync("get_incident", ("incident_id", id))).GetProperty("report_digest").GetString();
        Assert.Equal("A policy of this host does not allow you to do this.", await bob.AskWronglyAsync("analyze", ("incident_id", id)));
        await using var ada = await host.ConnectAsync(new Dictionary<string, string> { ["X-Name"] = "ada" });
        Assert.StartsWith("by: ", await ada.AskWronglyAsync("decide", ("incident_id", id), ("decision", "approved"), ("report_digest", report), ("by", "bob")), StringComparison.Ordinal);
        Assert.Equal("ada", (await ada.AskAsync("decide", ("incident_id", id), ("decision", "approved"), ("report_digest", report))).GetProperty("by").GetString());
    }

    [Fact]
    public async Task An_MCP_server_of_the_hosts_own_and_ours_do_not_show_each_others_tools()
    {
        await using var host = await McpHost.StartAsync(
            services: services => services.AddMcpServer().WithHttpTransport().WithTools([McpServerTool.Create(() => "x", new McpServerToolCreateOptions { Name = "of_the_host" })]),
            routes: application => application.MapMcp("/own"));
        await using var own = await host.ConnectAsync(path: "/own");
        await using var ours = await host.ConnectAsync();
        Assert.Equal(["of_the_host"], (await own.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken)).Select(tool => tool.Name));
        Assert.DoesNotContain("of_the_host", (await ours.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken)).Select(tool => tool.Name));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Secrets_and_personal_data_are_masked_as_over_HTTP(bool mask)
    {
        await using var host = await McpHost.StartAsync(services: services => services.Configure<AgentOps.Rca.AspNetCore.AgentOpsRcaHttpOptions>(options => options.MaskPreviews = mask));
        var id = await host.AddScenarioAsync();
        await host.Services.GetRequiredService<ISpanStore>().AddAsync([new Span
        {
            SpanId = "leak", Tool = "tool.call/mail", StartTs = 1, EndTs = 2, IncidentId = id.ToString("D"),
            Attributes = JsonElement.Parse("""{"to":"ana@example.com"}"""),
        }], TestContext.Current.CancellationToken);
        await using var client = await host.ConnectAsync();
        var span = await client.AskAsync("get_span", ("incident_id", $"{id:D}"), ("id", "leak"), ("fields", new[] { "attributes" }));
        Assert.Equal(!mask, span.GetRawText().Contains("ana@example.com", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_AddMcp_the_map_says_what_is_missing()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddAgentOpsRca().UseInMemory();
        var application = builder.Build();
        Assert.Contains("AddMcp()", Assert.Throws<InvalidOperationException>(() => application.MapAgentOpsRcaMcp()).Message, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, McpHost host, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Address, "/mcp")) { Content = new StringContent(Initialize, Encoding.UTF8, "application/json") };
        request.Headers.Add("Accept", "application/json, text/event-stream");
        change?.Invoke(request);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private sealed class NameScheme(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
            Request.Headers["X-Name"].ToString() is { Length: > 0 } name
                ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], Scheme.Name)), Scheme.Name))
                : AuthenticateResult.NoResult());
    }
}
