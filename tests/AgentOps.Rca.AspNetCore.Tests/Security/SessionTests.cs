using System.Net;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace AgentOps.Rca.AspNetCore.Tests.Security;

public sealed class SessionTests
{
    private static readonly CallerKey Key = CallerKey.Create("ann", [CallerScopes.Read, CallerScopes.Ingest], null, out Secret);
    private static readonly string Secret;

    [Fact]
    public async Task A_key_begins_a_session_whose_writes_carry_its_token()
    {
        await using var host = await StartAsync();
        using var begun = await SendAsync(host, HttpMethod.Post, "/rca/session", json: $$"""{"key":"{{Secret}}"}""");
        var session = JsonElement.Parse(await begun.Content.ReadAsStringAsync());
        var cookie = begun.Headers.GetValues("Set-Cookie").Single();
        var sent = cookie.Split(';')[0];
        var token = session.GetProperty("antiforgery").GetString()!;

        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Secret, cookie, StringComparison.Ordinal);
        Assert.Equal("ann", session.GetProperty("caller").GetProperty("name").GetString());
        Assert.True(session.GetProperty("may").GetProperty("read").GetBoolean());
        Assert.False(session.GetProperty("may").GetProperty("decide").GetBoolean());
        using var again = await SendAsync(host, HttpMethod.Get, "/rca/session", sent);
        Assert.Equal(session.GetRawText(), await again.Content.ReadAsStringAsync());

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(host, HttpMethod.Get, "/incidents", sent)).StatusCode);
        const string incident = """{"problem_type":"late"}""";
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(host, HttpMethod.Post, "/incidents", sent, incident, token)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(host, HttpMethod.Post, "/incidents", sent, incident)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(host, HttpMethod.Post, "/incidents", sent, incident, token[..^1] + "x")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(host, HttpMethod.Delete, "/rca/session", sent)).StatusCode);
        using var ended = await SendAsync(host, HttpMethod.Delete, "/rca/session", sent, token: token);
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        Assert.Contains("expires=Thu, 01 Jan 1970", ended.Headers.GetValues("Set-Cookie").Single(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_session_that_was_changed_or_made_elsewhere_is_none()
    {
        await using var host = await StartAsync();
        await using var other = await StartAsync();
        using var begun = await SendAsync(host, HttpMethod.Post, "/rca/session", json: $$"""{"key":"{{Secret}}"}""");
        var sent = begun.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        var (said, signature) = sent.Split('=', 2)[1].Split('.') is [var first, var second] ? (first, second) : default;
        var later = Convert.ToBase64String(Encoding.UTF8.GetBytes("99999999999 0123456789abcdef ann")).TrimEnd('=');

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(host, HttpMethod.Get, "/incidents", sent)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(other, HttpMethod.Get, "/incidents", sent)).StatusCode);
        foreach (var wrong in (string[])[$"{later}.{signature}", $"{said}.", $"{said}.AAAA", "x", said, $"{said}.{signature}.{signature}", new string('a', 5_000)])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(host, HttpMethod.Get, "/incidents", $"agentops-rca-session={wrong}")).StatusCode);
        }
    }

    [Fact]
    public async Task Who_signs_out_leaves_no_copy_of_the_cookie_that_works_on_any_host_over_the_same_records()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var stores = await new InMemoryStoreBackend().CreateAsync();
        using var keys = new RcaHost.TestSigningKeys();
        await using var host = await StartAsync(stores, clock, keys);
        await using var other = await StartAsync(stores, clock, keys);
        using var begun = await SendAsync(host, HttpMethod.Post, "/rca/session", json: $$"""{"key":"{{Secret}}"}""");
        var copied = begun.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        var token = JsonElement.Parse(await begun.Content.ReadAsStringAsync()).GetProperty("antiforgery").GetString();
        var second = await BeginAsync(host);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(host, HttpMethod.Get, "/incidents", copied)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(other, HttpMethod.Get, "/incidents", copied)).StatusCode);

        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(host, HttpMethod.Delete, "/rca/session", copied, token: token)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(host, HttpMethod.Get, "/incidents", copied)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(host, HttpMethod.Post, "/incidents", copied, "{}", token)).StatusCode);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(other, HttpMethod.Get, "/incidents", copied)).StatusCode);
        await using var later = await StartAsync(stores, clock, keys);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(later, HttpMethod.Get, "/incidents", copied)).StatusCode);

        // Another session of the same key, begun in the same second, goes on.
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(host, HttpMethod.Get, "/incidents", second)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(other, HttpMethod.Get, "/incidents", second)).StatusCode);
    }

    [Fact]
    public async Task A_session_ends_after_eight_hours()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await StartAsync(services => services.AddSingleton<TimeProvider>(clock));
        var sent = await BeginAsync(host);

        clock.Advance(TimeSpan.FromHours(8) - TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(host, HttpMethod.Get, "/incidents", sent)).StatusCode);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(host, HttpMethod.Get, "/incidents", sent)).StatusCode);
    }

    [Theory]
    [InlineData("over")]
    [InlineData("taken out")]
    [InlineData("another of its name")]
    public async Task A_session_ends_with_its_key(string how)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, (Key with { ExpiresAt = how == "over" ? clock.GetUtcNow() + TimeSpan.FromHours(1) : null }).ToString());
            await using var host = await StartAsync(
                services => services.AddSingleton<TimeProvider>(clock).Configure<AgentOpsRcaOptions>(options => options.Keys = file));
            var sent = await BeginAsync(host);
            if (how != "over")
            {
                var left = CallerKey.Create(how == "taken out" ? "bob" : "ann", [CallerScopes.Read], null, out _);
                await File.WriteAllTextAsync(file, left.ToString());
                File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
            }

            Assert.Equal(HttpStatusCode.OK, (await SendAsync(host, HttpMethod.Get, "/incidents", sent)).StatusCode);
            clock.Advance(TimeSpan.FromHours(1));
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(host, HttpMethod.Get, "/incidents", sent)).StatusCode);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("http", false)]
    [InlineData("https", true)]
    public async Task Over_TLS_the_cookie_is_for_TLS_only(string scheme, bool isSecure)
    {
        await using var host = await StartAsync(services => services.AddSingleton<IStartupFilter>(new ReachedBy(scheme)));
        using var begun = await SendAsync(host, HttpMethod.Post, "/rca/session", json: $$"""{"key":"{{Secret}}"}""");

        Assert.Equal(isSecure, begun.Headers.GetValues("Set-Cookie").Single().Contains("; secure", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_wrong_key_begins_nothing()
    {
        await using var host = await StartAsync();
        using var refused = await SendAsync(host, HttpMethod.Post, "/rca/session", json: """{"key":"changeme"}""");
        using var empty = await SendAsync(host, HttpMethod.Post, "/rca/session", json: "{}");

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.False(refused.Headers.Contains("Set-Cookie"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, empty.StatusCode);
    }

    [Fact]
    public async Task What_a_caller_may_is_what_its_endpoints_answer()
    {
        await using var open = await RcaHost.StartAsync();
        await using var keyed = await StartAsync();
        using var free = await SendAsync(open, HttpMethod.Get, "/rca/session");
        using var nobody = await SendAsync(keyed, HttpMethod.Get, "/rca/session");
        var all = JsonElement.Parse(await free.Content.ReadAsStringAsync());
        var none = JsonElement.Parse(await nobody.Content.ReadAsStringAsync());

        Assert.Equal((JsonValueKind.Null, false, true), (all.GetProperty("caller").ValueKind, all.GetProperty("key_sign_in").GetBoolean(), all.GetProperty("may").GetProperty("decide").GetBoolean()));
        Assert.Equal((JsonValueKind.Null, true, false), (none.GetProperty("caller").ValueKind, none.GetProperty("key_sign_in").GetBoolean(), none.GetProperty("may").GetProperty("read").GetBoolean()));
    }

    private static ValueTask<RcaHost> StartAsync(StoreSet stores, FakeTimeProvider clock, RcaHost.TestSigningKeys keys) => RcaHost.StartAsync(stores, services =>
        services.AddSingleton<TimeProvider>(clock).AddSingleton<ISigningKeyProvider>(keys).Configure<AgentOpsRcaOptions>(options => options.Keys = Key.ToString()));

    private static ValueTask<RcaHost> StartAsync(Action<IServiceCollection>? more = null) => RcaHost.StartAsync(services: services =>
    {
        services.Configure<AgentOpsRcaOptions>(options => options.Keys = Key.ToString());
        more?.Invoke(services);
    });

    private static async Task<string> BeginAsync(RcaHost host)
    {
        using var begun = await SendAsync(host, HttpMethod.Post, "/rca/session", json: $$"""{"key":"{{Secret}}"}""");
        return begun.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    private static async Task<HttpResponseMessage> SendAsync(
        RcaHost host, HttpMethod method, string path, string? cookie = null, string? json = null, string? token = null)
    {
        using var client = host.NewDescribedClient();
        using var request = new HttpRequestMessage(method, path);
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        if (cookie is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
        }

        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("X-AgentOps-Antiforgery", token);
        }

        var response = await client.SendAsync(request);
        await response.Content.LoadIntoBufferAsync();
        return response;
    }

    /// <summary>A proxy before the host, as forwarded headers tell of it.</summary>
    private sealed class ReachedBy(string scheme) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => application =>
        {
            application.Use((context, rest) =>
            {
                context.Request.Scheme = scheme;
                return rest(context);
            });
            next(application);
        };
    }
}
