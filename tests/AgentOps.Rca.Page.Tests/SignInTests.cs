using AgentOps.Rca.Identity;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AgentOps.Rca.Page.Tests;

/// <summary>Who may read, who may act, and who signs: wherever the page is, and whatever stands before it.</summary>
public sealed class SignInTests(ChromiumBrowser browser) : PageTests(browser)
{
    private static readonly CallerKey Ann = CallerKey.Create("ann", [CallerScopes.Read, CallerScopes.Analyze, CallerScopes.Decide], null, out AnnSecret);
    private static readonly CallerKey Bob = CallerKey.Create("bob", [CallerScopes.Read], null, out BobSecret);
    private static readonly string AnnSecret;
    private static readonly string BobSecret;
    private readonly ChromiumBrowser _browser = browser;

    public static TheoryData<string, string> Matrix => new(
        from place in (string[])["root", "prefix", "base", "strips", "keeps"]
        from guard in (string[])["open", "policy", "fallback", "key"]
        select (place, guard));

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task Who_may_act_acts_under_their_name_and_who_may_not_has_no_button(string place, string guard)
    {
        await using var host = await StartAsync(place, guard);
        await using var proxy = place is "strips" or "keeps" ? await NginxProxy.StartAsync(host.Address, strips: place == "strips") : null;
        var address = (proxy?.Address ?? host.Address) + place switch { "root" => "/", "prefix" => "/rca/", "base" => "/tools/", _ => "/outer/" };
        if (guard != "open")
        {
            var reader = await OpenAsAsync(address, place, guard, "bob", BobSecret);
            await Expect(reader.Locator(".root-cause")).ToContainTextAsync("rate limit was exceeded");
            foreach (var act in (string[])["Approve", "Reject…", "Analyse again…", "Replay", "Download bundle"])
            {
                await Expect(reader.GetByRole(AriaRole.Button, new() { Name = act, Exact = true })).ToHaveCountAsync(0);
            }

            await reader.Context.CloseAsync();
        }

        var page = await OpenAsAsync(address, place, guard, "ann", AnnSecret);
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true }).ClickAsync();
        if (guard == "open")
        {
            await page.FillAsync("input[name=by]", "ann");
        }
        else
        {
            await Expect(page.Locator(".signer")).ToHaveTextAsync("You sign as ann");
            await Expect(page.Locator("input[name=by]")).ToHaveCountAsync(0);
        }

        await AssertAccessibleAsync(page, place);
        await page.Locator(".decision button.primary").ClickAsync();
        await Expect(page.Locator(".title .badge.good")).ToContainTextAsync("approved");
        await Expect(page.Locator(".title")).ToContainTextAsync(guard == "open" ? "ann (claimed)" : "ann (authenticated)");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Replay", Exact = true })).ToHaveCountAsync(1);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Download bundle", Exact = true })).ToHaveCountAsync(guard == "key" ? 0 : 1);
    }

    [Fact]
    public async Task A_session_lasts_over_a_reload_holds_no_key_and_ends_when_one_signs_out()
    {
        ExpectsRefusals = true;
        await using var host = await StartAsync("root", "key");
        var page = await OpenAsync(host.Address + "/", "dialog.key input");
        await page.FillAsync("dialog.key input", "wrong");
        await page.ClickAsync("dialog.key button");
        await Expect(page.Locator("dialog.key")).ToContainTextAsync("did not accept this key");
        await page.FillAsync("dialog.key input", AnnSecret);
        await page.ClickAsync("dialog.key button");
        await Expect(page.Locator(".incident")).ToHaveCountAsync(3);
        var cookie = Assert.Single(await page.Context.CookiesAsync());
        Assert.Equal((true, SameSiteAttribute.Strict), (cookie.HttpOnly, cookie.SameSite));
        Assert.DoesNotContain(AnnSecret, await page.EvaluateAsync<string>("document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })"), StringComparison.Ordinal);

        await page.ReloadAsync();
        await Expect(page.Locator(".incident")).ToHaveCountAsync(3);
        await Expect(page.Locator("rca-caller")).ToContainTextAsync("ann");
        await AssertAccessibleAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out", Exact = true }).ClickAsync();
        await page.Locator("dialog.key input").WaitForAsync();
        Assert.Empty(await page.Context.CookiesAsync());
    }

    // By day and by night, on a desk and in the hand: each guard is seen in all four, from one place or another.
    private static async Task AssertAccessibleAsync(IPage page, string place)
    {
        var (scheme, width) = place switch
        {
            "root" => (ColorScheme.Dark, 390),
            "prefix" => (ColorScheme.Light, 390),
            "base" => (ColorScheme.Dark, 1280),
            _ => (ColorScheme.Light, 1280),
        };
        await page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await page.SetViewportSizeAsync(width, 860);
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
    }

    private static Task<PageHost> StartAsync(string place, string guard) => PageHost.StartAsync(
        map: endpoints =>
        {
            var rca = endpoints.MapAgentOpsRca(place switch { "prefix" => "/rca", "keeps" => "/outer", _ => "" });
            if (guard is "policy" or "fallback")
            {
                rca.Act.RequireAuthorization("approvers");
            }

            if (guard == "policy")
            {
                rca.Read.RequireAuthorization("readers");
            }
        },
        use: application => application.UsePathBase(place == "base" ? "/tools" : ""),
        configure: options => options.Keys = guard == "key" ? $"{Ann}\n{Bob}" : null,
        services: services =>
        {
            var people = services.AddAuthorizationBuilder()
                .AddPolicy("readers", policy => policy.RequireAuthenticatedUser())
                .AddPolicy("approvers", policy => policy.RequireUserName("ann"));
            if (guard is "policy" or "fallback")
            {
                services.AddAuthentication(HeaderUser.Scheme).AddScheme<AuthenticationSchemeOptions, HeaderUser>(HeaderUser.Scheme, null);
            }

            if (guard == "fallback")
            {
                people.SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
            }
        });

    // Each person has a browser of their own.
    private async Task<IPage> OpenAsAsync(string address, string at, string guard, string name, string secret)
    {
        var incident = $"{address}#incident/{PageHost.FirstId}";
        if (guard is "policy" or "fallback")
        {
            var context = await (await _browser.StartAsync()).NewContextAsync(new BrowserNewContextOptions
            {
                ExtraHTTPHeaders = new Dictionary<string, string> { [HeaderUser.Header] = name },
            });
            var user = await context.NewPageAsync();
            await user.GotoAsync(incident);
            await user.Locator(".actions").WaitForAsync();
            return user;
        }

        var page = await OpenAsync(incident, guard == "key" ? "dialog.key input" : ".actions");
        if (guard == "key")
        {
            await AssertAccessibleAsync(page, at);
            await page.FillAsync("dialog.key input", secret);
            await page.ClickAsync("dialog.key button");
            await page.Locator(".actions").WaitForAsync();
        }

        return page;
    }
}
