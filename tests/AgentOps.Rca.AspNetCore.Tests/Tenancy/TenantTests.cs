using System.Net;
using System.Text.Json;
using AgentOps.Rca.AspNetCore.Tests.Security;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Tenancy;
using AgentOps.Rca.Testing.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.AspNetCore.Tests.Tenancy;

/// <summary>Tenants of one host see nothing of each other, at any door.</summary>
public sealed class TenantTests
{
    private static readonly (string Secret, string Line) Acme = New("acmeonly-boss", "acme");
    private static readonly (string Secret, string Line) Globex = New("globexonly-boss", "globex");
    private static readonly (string Secret, string Line) Operator = New("operator", tenant: null);
    private static readonly (string Secret, string Line) Stranger = New("stranger", "initech");
    private static readonly (string Secret, string Line) Reader = New("reader", tenant: null, CallerScopes.Read);

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    public async Task No_request_of_one_tenant_shows_or_changes_anything_of_the_other(string storage)
    {
        using var directory = new TemporaryDirectory();
        await using var host = await StartAsync("acme,globex", storage == "sqlite" ? rca => rca.UseSqlite(Path.Combine(directory.Path, "rca.db")) : null, directory.Path);
        var (acme, globex) = (new TenantSide(Client(host, Acme.Secret), "acmeonly", Acme.Secret), new TenantSide(Client(host, Globex.Secret), "globexonly", Globex.Secret));
        await acme.FillAsync(TestToken);
        await globex.FillAsync(TestToken);
        var doors = await TenantSurface.ReadAsync(acme.Client, api: "", mcp: null, TestToken);

        await new TenantTrial(acme, globex, doors).RunAsync(seed: 18, TenantTrial.Count, storage, static _ => false, TestToken);

        if (storage == "sqlite")
        {
            // Content lies apart as records do, so that none is given out, or thrown away, for another.
            var places = Directory.EnumerateFiles(directory.Path, "*", SearchOption.AllDirectories).Where(static file => Path.GetFileName(file).Length == 64)
                .Select(file => Path.GetRelativePath(directory.Path, file).Split(Path.DirectorySeparatorChar))
                .Select(static parts => parts[Array.IndexOf(parts, "tenants") + 1]);
            Assert.Equal(["acme", "globex"], places.Distinct().Order(StringComparer.Ordinal));
        }

        using var host403 = Client(host, Operator.Secret);
        var ofHost = await host403.GetStringAsync(new Uri("/audit?limit=500", UriKind.Relative), TestToken);
        Assert.DoesNotContain("only", ofHost.Replace("only-boss", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.All([.. acme.Digests, .. globex.Digests, acme.Incidents[1], globex.Incidents[1]], id => Assert.DoesNotContain(id, ofHost, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_belongs_to_no_tenant_reaches_no_records()
    {
        await using var host = await StartAsync("acme,globex");
        foreach (var (secret, words) in ((string, string)[])[(Operator.Secret, "belongs to none"), (Stranger.Secret, "no such tenant"), (Reader.Secret, "belongs to none")])
        {
            using var client = Client(host, secret);
            foreach (var endpoint in host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
            {
                if (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is not { } methods || endpoint.Metadata.GetMetadata<AspNetCore.Security.OpenEndpoint>() is not null)
                {
                    continue;
                }

                var path = System.Text.RegularExpressions.Regex.Replace(endpoint.RoutePattern.RawText!, @"\{[^}]+\}", "0190a8c2-5d1e-7c43-9b1f-2f6a4de0c111");
                using var request = new HttpRequestMessage(new HttpMethod(methods[0]), path) { Content = TenantSide.Json("{}") };
                using var answer = await client.SendAsync(request, TestToken);
                if (path == "/audit" && secret == Operator.Secret)
                {
                    Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                    continue;
                }

                Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
                if (secret != Reader.Secret && methods[0] != "HEAD")
                {
                    Assert.Contains(words, await answer.Content.ReadAsStringAsync(TestToken), StringComparison.Ordinal);
                }
            }
        }
    }

    [Fact]
    public async Task A_key_of_a_tenant_is_worth_nothing_where_none_are_kept_apart()
    {
        await using var host = await StartAsync(names: null);
        using var client = Client(host, Acme.Secret);
        using var answer = await client.GetAsync(new Uri("/incidents", UriKind.Relative), TestToken);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("keeps none apart", await answer.Content.ReadAsStringAsync(TestToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_keys_are_recorded_for_the_host_and_deeds_for_their_tenant()
    {
        await using var host = await StartAsync("acme,globex");
        using var wrong = Client(host, "rca_none-of-this-host");
        using var acme = Client(host, Acme.Secret);
        using var globex = Client(host, Globex.Secret);
        using var boss = Client(host, Operator.Secret);
        using var refused = await wrong.GetAsync(new Uri("/incidents", UriKind.Relative), TestToken);
        using var created = await acme.PostAsync(new Uri("/incidents", UriKind.Relative), TenantSide.Json("""{"problem_type":"late"}"""), TestToken);
        var id = JsonElement.Parse(await created.Content.ReadAsStringAsync(TestToken)).GetProperty("id").GetString();
        using var analyzed = await acme.PostAsync(new Uri("/rca/analyze", UriKind.Relative), TenantSide.Json($$"""{"incident_id":"{{id}}"}"""), TestToken);
        Assert.True(analyzed.IsSuccessStatusCode);

        Assert.Equal(["audit.analysis"], await ActionsAsync(acme));
        Assert.Empty(await ActionsAsync(globex));
        Assert.Contains("audit.key_refused", await ActionsAsync(boss));
    }

    [Fact]
    public async Task Users_of_the_host_belong_to_the_tenant_of_their_claim()
    {
        await using var host = await RcaHost.StartAsync(
            services: services =>
            {
                services.AddAuthentication(HeaderUser.Scheme).AddScheme<Microsoft.AspNetCore.Authentication.AuthenticationSchemeOptions, HeaderUser>(HeaderUser.Scheme, null);
                services.Configure<RcaTenantsOptions>(options => (options.Names, options.Claim) = ("*", "org"));
            },
            group: endpoints => endpoints.RequireAuthorization());

        Assert.Equal(HttpStatusCode.Created, await SendAsync(host, "ann", "acme"));
        Assert.Equal(HttpStatusCode.Created, await SendAsync(host, "bob", "globex-2"));
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(host, "carl", null));
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(host, "dora", "acme,globex-2"));
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(host, "eve", "../acme"));
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(host, "finn", "ACME"));
        Assert.Equal(2, host.Services.GetRequiredService<IRcaTenants>().OpenCount);
    }

    [Fact]
    public async Task Health_and_session_say_that_there_are_tenants()
    {
        await using var host = await StartAsync("acme,globex");
        using var acme = Client(host, Acme.Secret);
        (await acme.GetAsync(new Uri("/incidents", UriKind.Relative), TestToken)).Dispose();
        (await Client(host, Globex.Secret).GetAsync(new Uri("/incidents", UriKind.Relative), TestToken)).Dispose();

        Assert.Equal(2, JsonElement.Parse(await acme.GetStringAsync(new Uri("/health/ready", UriKind.Relative), TestToken)).GetProperty("tenants").GetInt32());
        Assert.Equal("acme", JsonElement.Parse(await acme.GetStringAsync(new Uri("/rca/session", UriKind.Relative), TestToken)).GetProperty("tenant").GetString());
    }

    [Fact]
    public async Task Stores_of_the_application_that_know_nothing_of_tenants_stop_the_start()
    {
        await using var stores = await new InMemoryStoreBackend().CreateAsync();
        var failure = await Assert.ThrowsAsync<StoreSetupException>(async () => await RcaHost.StartAsync(
            stores, services => services.Configure<RcaTenantsOptions>(options => options.Names = "acme")));

        Assert.Contains("IIncidentStore", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Acme")]
    [InlineData("a_b")]
    [InlineData("-a")]
    [InlineData("nul")]
    [InlineData("a/b")]
    public async Task A_name_that_is_none_stops_the_start(string name)
    {
        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(async () => await StartAsync($"acme,{name}"));

        Assert.Contains(name, wrong.Message, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> SendAsync(RcaHost host, string user, string? tenant)
    {
        using var client = host.NewClient();
        client.DefaultRequestHeaders.Add("X-User", user);
        if (tenant is not null)
        {
            client.DefaultRequestHeaders.Add("X-Org", tenant);
        }

        using var answer = await client.PostAsync(new Uri("/incidents", UriKind.Relative), TenantSide.Json("""{"problem_type":"late"}"""), TestToken);
        return answer.StatusCode;
    }

    private static async Task<List<string>> ActionsAsync(HttpClient client) =>
        [.. JsonElement.Parse(await client.GetStringAsync(new Uri("/audit", UriKind.Relative), TestToken)).EnumerateArray().Select(static entry => entry.GetProperty("action").GetString()!)];

    private static (string Secret, string Line) New(string name, string? tenant, params string[] scopes)
    {
        var line = CallerKey.Create(name, scopes.Length == 0 ? [CallerScopes.Admin] : scopes, null, tenant, out var secret).ToString();
        return (secret, line);
    }

    private static HttpClient Client(RcaHost host, string secret) => new(new KeyUnlessSession(secret)) { BaseAddress = host.Address };

    private static ValueTask<RcaHost> StartAsync(string? names, Func<IAgentOpsRcaBuilder, IAgentOpsRcaBuilder>? storage = null, string? artifacts = null) => RcaHost.StartAsync(
        services: services =>
        {
            services.Configure<AgentOpsRcaOptions>(options => (options.Keys, options.ArtifactDirectory) =
                (string.Join('\n', Acme.Line, Globex.Line, Operator.Line, Stranger.Line, Reader.Line), storage is null ? null : Path.Combine(artifacts!, "artifacts")));
            services.Configure<RcaTenantsOptions>(options => options.Names = names);
        },
        environment: "Production",
        storage: storage);
}
