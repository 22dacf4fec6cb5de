using System.Net;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.AspNetCore.Security;
using AgentOps.Rca.Identity;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.AspNetCore.Tests.Security;

/// <summary>The keys beside what the framework has: policies, fallback policies, other schemes.</summary>
public sealed class SchemeTests
{
    private static readonly CallerKey AnnKey = CallerKey.Create("ann", [CallerScopes.Read, CallerScopes.Analyze, CallerScopes.Decide], null, out AnnSecret);
    private static readonly CallerKey AgentKey = CallerKey.Create("agent", [CallerScopes.Ingest], null, out AgentSecret);
    private static readonly CallerKey OverKey = CallerKey.Create("over", [CallerScopes.Read], new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), out OverSecret);
    private static readonly CallerKey BossKey = CallerKey.Create("boss", [CallerScopes.Admin], null, out BossSecret);
    private static readonly string AnnSecret;
    private static readonly string BossSecret;
    private static readonly string OverSecret;
    private static readonly string AgentSecret;

    private static string Line => AnnKey.ToString();

    private static string AgentLine => AgentKey.ToString();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_a_fallback_policy_in_production_a_key_is_a_user_and_nobody_is_not(bool hasScheme)
    {
        await using var host = await RcaHost.StartAsync(
            services: services =>
            {
                services.Configure<AgentOpsRcaOptions>(options => options.Keys = Line);
                var authentication = services.AddAuthentication(hasScheme ? AgentOpsRcaKeyDefaults.AuthenticationScheme : HeaderUser.Scheme)
                    .AddScheme<Microsoft.AspNetCore.Authentication.AuthenticationSchemeOptions, HeaderUser>(HeaderUser.Scheme, null);
                _ = hasScheme ? authentication.AddAgentOpsRcaKey() : authentication;
                services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
            },
            environment: "Production");

        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(host, "/incidents")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(host, "/incidents", hasScheme ? ("X-Api-Key", AnnSecret) : ("X-User", "ann"))).StatusCode);
    }

    [Fact]
    public async Task With_a_fallback_policy_in_production_and_no_key_set_a_user_is_let_in_and_none_is_made()
    {
        using var log = new ListedLog();
        await using var host = await RcaHost.StartAsync(
            services: services =>
            {
                services.AddSingleton<ILoggerProvider>(log);
                services.AddAuthentication(HeaderUser.Scheme).AddScheme<Microsoft.AspNetCore.Authentication.AuthenticationSchemeOptions, HeaderUser>(HeaderUser.Scheme, null);
                services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
            },
            environment: "Production");

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(host, "/incidents", ("X-User", "ann"))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(host, "/incidents")).StatusCode);
        Assert.DoesNotContain(log.Lines, line => line.Contains("was made for as long", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Parts_have_policies_of_their_own_over_the_claims_of_keys()
    {
        await using var host = await RcaHost.StartAsync(
            services: services =>
            {
                services.Configure<AgentOpsRcaOptions>(options => options.Keys = $"{Line}\n{AgentLine}");
                services.AddAuthentication().AddAgentOpsRcaKey();
                services.AddAuthorizationBuilder()
                    .AddPolicy("read", policy => policy.RequireClaim(AgentOpsRcaKeyDefaults.ScopeClaim, CallerScopes.Read))
                    .AddPolicy("nobody", policy => policy.RequireAssertion(static _ => false));
            },
            group: group =>
            {
                group.Read.RequireAuthorization("read");
                group.Act.RequireAuthorization("nobody");
            });

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(host, "/incidents", ("Authorization", $"Bearer {AnnSecret}"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(host, "/incidents", ("X-Api-Key", AgentSecret))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(host, "/health")).StatusCode);
        using var refused = await SendAsync(host, "/incidents");
        Assert.Equal("urn:agentops-rca:problem:unauthorized", JsonElement.Parse(await refused.Content.ReadAsStringAsync()).GetProperty("type").GetString());
        using var session = await SendAsync(host, "/rca/session", ("X-Api-Key", AnnSecret));
        var may = JsonElement.Parse(await session.Content.ReadAsStringAsync()).GetProperty("may");
        Assert.Equal((true, false, false), (may.GetProperty("read").GetBoolean(), may.GetProperty("decide").GetBoolean(), may.GetProperty("ingest").GetBoolean()));
    }

    [Fact]
    public async Task Users_of_the_host_sign_with_the_claim_that_names_them_and_keys_work_beside_them()
    {
        await using var issuer = await Issuer.StartAsync();
        await using var host = await RcaHost.StartAsync(
            services: services =>
            {
                services.Configure<AgentOpsRcaOptions>(options => (options.Keys, options.FourEyes) = (Line, true));
                services.AddAuthentication("smart")
                    .AddJwtBearer(options =>
                    {
                        (options.Authority, options.Audience, options.RequireHttpsMetadata, options.MapInboundClaims) = (issuer.Address, "rca", false, false);
                    })
                    .AddAgentOpsRcaKey()
                    .AddPolicyScheme("smart", null, options => options.ForwardDefaultSelector = context =>
                        context.Request.Headers.Authorization.ToString().Contains('.', StringComparison.Ordinal) ? "Bearer" : AgentOpsRcaKeyDefaults.AuthenticationScheme);
                services.AddAuthorizationBuilder().AddPolicy("people", policy => policy.RequireAuthenticatedUser());
            },
            options: options => options.ActorClaim = "email",
            group: group => group.RequireAuthorization("people"));
        using var bob = Client(host, "Authorization", $"Bearer {issuer.Issue("bob@corp.example")}");
        using var ann = Client(host, "X-Api-Key", AnnSecret);
        using var nameless = Client(host, "Authorization", $"Bearer {issuer.Issue(null)}");
        using var forged = Client(host, "Authorization", $"Bearer {issuer.Issue("eve@corp.example", forged: true)}");

        var id = (await PostAsync(bob, "/incidents", """{"problem_type":"late"}""", 201)).GetProperty("id").GetString();
        await PostAsync(ann, "/rca/analyze", $$"""{"incident_id":"{{id}}"}""", 200);
        await PostAsync(forged, $"/incidents/{id}/approve", "{}", 401);
        await PostAsync(nameless, $"/incidents/{id}/approve", "{}", 403);
        await PostAsync(bob, $"/incidents/{id}/approve", """{"approved_by":"ann"}""", 403);
        await PostAsync(ann, $"/incidents/{id}/approve", "{}", 403);
        var approval = await PostAsync(bob, $"/incidents/{id}/approve", "{}", 200);

        Assert.Equal("""{"name":"bob@corp.example","authenticated":true,"scheme":"Bearer"}""", approval.GetProperty("approver").GetRawText());
        Assert.Equal("ann", approval.GetProperty("requester").GetProperty("key").GetString());
    }

    [Fact]
    public async Task A_token_of_another_audience_issuer_key_algorithm_or_time_is_refused_with_the_challenge_of_its_scheme()
    {
        await using var issuer = await Issuer.StartAsync();
        await using var stranger = await Issuer.StartAsync();
        await using var host = await StartBesideKeysAsync(issuer, "smart");
        using var right = Client(host, "Authorization", $"Bearer {issuer.Issue("bob@corp.example")}");
        await PostAsync(right, "/incidents", """{"problem_type":"late"}""", 201);

        foreach (var (wrong, token) in issuer.IssueWrong(stranger))
        {
            using var client = Client(host, "Authorization", $"Bearer {token}");
            foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Post])
            {
                using var request = new HttpRequestMessage(method, "/incidents");
                using var refused = await client.SendAsync(request);
                Assert.Equal((wrong, HttpStatusCode.Unauthorized), (wrong, refused.StatusCode));
                Assert.StartsWith("Bearer error=\"invalid_token\"", refused.Headers.WwwAuthenticate.Single().ToString(), StringComparison.Ordinal);
            }
        }

        using var listed = await right.GetAsync(new Uri("/incidents", UriKind.Relative));
        Assert.Single(JsonElement.Parse(await listed.Content.ReadAsStringAsync()).EnumerateArray());
    }

    [Theory]
    [InlineData("smart")]
    [InlineData("Bearer,AgentOpsRcaKey")]
    [InlineData("AgentOpsRcaKey,Bearer")]
    public async Task Each_of_two_schemes_lets_its_own_in_and_says_its_own_challenge_to_others(string schemes)
    {
        await using var issuer = await Issuer.StartAsync();
        await using var host = await StartBesideKeysAsync(issuer, schemes);

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(host, "/incidents", ("X-Api-Key", AnnSecret))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(host, "/incidents", ("Authorization", $"Bearer {AnnSecret}"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(host, "/incidents", ("Authorization", $"Bearer {issuer.Issue("bob@corp.example")}"))).StatusCode);
        Assert.DoesNotContain("error", await ChallengeAsync(null), StringComparison.Ordinal);
        Assert.Contains("Bearer error=\"invalid_token\"", await ChallengeAsync(("Authorization", $"Bearer {issuer.Issue("eve@corp.example", forged: true)}")), StringComparison.Ordinal);
        foreach (var sent in ((string, string)[])[("X-Api-Key", OverSecret), ("Authorization", $"Bearer {OverSecret}"), ("X-Api-Key", AgentSecret), ("Authorization", "Bearer rca_none-of-this-host")])
        {
            Assert.Contains("Bearer error=\"invalid_token\"", await ChallengeAsync(sent), StringComparison.Ordinal);
        }

        // A right token does not make up for a wrong key.
        using var both = new HttpRequestMessage(HttpMethod.Get, "/incidents") { Headers = { { "X-Api-Key", OverSecret }, { "Authorization", $"Bearer {issuer.Issue("bob@corp.example")}" } } };
        using var mixed = await host.Client.SendAsync(both);
        Assert.Equal(HttpStatusCode.Unauthorized, mixed.StatusCode);

        async Task<string> ChallengeAsync((string, string)? sent)
        {
            using var refused = await SendAsync(host, "/incidents", sent);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            return string.Join(", ", refused.Headers.WwwAuthenticate);
        }
    }

    [Fact]
    public async Task A_key_that_is_over_or_was_taken_out_is_refused_with_a_challenge_beside_another_scheme()
    {
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "keys");
        await File.WriteAllTextAsync(file, $"{Line}\n{OverKey}");
        await using var issuer = await Issuer.StartAsync();
        await using var host = await StartBesideKeysAsync(issuer, "smart", file);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(host, "/incidents", ("X-Api-Key", AnnSecret))).StatusCode);
        await File.WriteAllTextAsync(file, AgentLine);

        using var over = await SendAsync(host, "/incidents", ("X-Api-Key", OverSecret));
        Assert.Equal((HttpStatusCode.Unauthorized, "Bearer error=\"invalid_token\""), (over.StatusCode, over.Headers.WwwAuthenticate.Single().ToString()));
        for (var waited = 0; ; waited++)
        {
            using var revoked = await SendAsync(host, "/incidents", ("X-Api-Key", AnnSecret));
            if (revoked.StatusCode == HttpStatusCode.Unauthorized)
            {
                Assert.Equal("Bearer error=\"invalid_token\"", revoked.Headers.WwwAuthenticate.Single().ToString());
                break;
            }

            Assert.True(waited < 100);
            await Task.Delay(100);
        }
    }

    [Theory]
    [InlineData("X-Api-Key", "rca_none-of-this-host")]
    [InlineData("Authorization", "Bearer rca_none-of-this-host")]
    public async Task A_wrong_key_is_in_the_audit_where_a_policy_of_the_host_turns_it_away(string header, string value)
    {
        await using var issuer = await Issuer.StartAsync();
        await using var host = await StartBesideKeysAsync(issuer, "smart");
        using var refused = await SendAsync(host, "/incidents", (header, value));
        using var listed = await SendAsync(host, "/audit?action=audit.key_refused", ("X-Api-Key", BossSecret));

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Single(JsonElement.Parse(await listed.Content.ReadAsStringAsync()).EnumerateArray());
    }

    private static ValueTask<RcaHost> StartBesideKeysAsync(Issuer issuer, string schemes, string? keys = null) => RcaHost.StartAsync(
        services: services =>
        {
            services.Configure<AgentOpsRcaOptions>(options => options.Keys = keys ?? $"{Line}\n{OverKey}\n{BossKey}");
            services.AddAuthentication("smart")
                .AddJwtBearer(options =>
                    (options.Authority, options.Audience, options.RequireHttpsMetadata, options.MapInboundClaims) = (issuer.Address, "rca", false, false))
                .AddAgentOpsRcaKey()
                .AddPolicyScheme("smart", null, static options => options.ForwardDefaultSelector = static context =>
                    context.Request.Headers.Authorization.ToString().Contains('.', StringComparison.Ordinal) ? "Bearer" : AgentOpsRcaKeyDefaults.AuthenticationScheme);
            services.AddAuthorizationBuilder().AddPolicy("people", policy => policy.AddAuthenticationSchemes(schemes.Split(',')).RequireAuthenticatedUser());
        },
        group: static group => group.RequireAuthorization("people"));

    private static HttpClient Client(RcaHost host, string header, string value)
    {
        var client = host.NewClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
        return client;
    }

    private static async Task<HttpResponseMessage> SendAsync(RcaHost host, string path, (string Name, string Value)? header = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (header is { } sent)
        {
            request.Headers.TryAddWithoutValidation(sent.Name, sent.Value);
        }

        return await host.Client.SendAsync(request);
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, string json, int status)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal((status, text), ((int)response.StatusCode, text));
        return text.Length == 0 ? default : JsonElement.Parse(text);
    }
}
