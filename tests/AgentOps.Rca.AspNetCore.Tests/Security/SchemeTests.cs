using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.AspNetCore.Security;
using AgentOps.Rca.Identity;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AgentOps.Rca.AspNetCore.Tests.Security;

/// <summary>The keys beside what the framework has: policies, fallback policies, other schemes.</summary>
public sealed class SchemeTests
{
    private static readonly CallerKey AnnKey = CallerKey.Create("ann", [CallerScopes.Read, CallerScopes.Analyze, CallerScopes.Decide], null, out AnnSecret);
    private static readonly CallerKey AgentKey = CallerKey.Create("agent", [CallerScopes.Ingest], null, out AgentSecret);
    private static readonly string AnnSecret;
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

    /// <summary>An issuer of tokens as OpenID Connect describes it, on a port of its own.</summary>
    private sealed class Issuer : IAsyncDisposable
    {
        private readonly RSA _rsa = RSA.Create(2048);
        private readonly RSA _other = RSA.Create(2048);
        private readonly WebApplication _application;

        private Issuer(WebApplication application) => _application = application;

        public string Address => _application.Urls.Single();

        public static async Task<Issuer> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            var application = builder.Build();
            application.Urls.Add("http://127.0.0.1:0");
            var issuer = new Issuer(application);
            application.MapGet("/.well-known/openid-configuration", () => Results.Text(
                $$"""{"issuer":"{{issuer.Address}}","jwks_uri":"{{issuer.Address}}/keys","id_token_signing_alg_values_supported":["RS256"]}""", "application/json"));
            application.MapGet("/keys", () =>
            {
                var key = issuer._rsa.ExportParameters(false);
                return Results.Text(
                    $$"""{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"k1","n":"{{Base64UrlEncoder.Encode(key.Modulus)}}","e":"{{Base64UrlEncoder.Encode(key.Exponent)}}"}]}""",
                    "application/json");
            });
            await application.StartAsync();
            return issuer;
        }

        public string Issue(string? email, bool forged = false) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Address,
            Audience = "rca",
            Expires = DateTime.UtcNow.AddMinutes(5),
            Subject = new ClaimsIdentity([new Claim("sub", "0001"), .. email is null ? [] : new[] { new Claim("email", email) }]),
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(forged ? _other : _rsa) { KeyId = "k1" }, SecurityAlgorithms.RsaSha256),
        });

        public async ValueTask DisposeAsync()
        {
            await _application.DisposeAsync();
            _rsa.Dispose();
            _other.Dispose();
        }
    }
}
