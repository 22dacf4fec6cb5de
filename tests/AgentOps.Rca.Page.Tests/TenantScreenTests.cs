using System.Text.RegularExpressions;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Tenancy;
using AgentOps.Rca.Testing.Tenants;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AgentOps.Rca.Page.Tests;

/// <summary>Every screen of a tenant's page, at its own addresses and at those of another tenant, shows no word of the other.</summary>
public sealed partial class TenantScreenTests(ChromiumBrowser browser) : PageTests(browser)
{
    private static readonly CallerKey AcmeKey = CallerKey.Create("acmeonly-boss", [CallerScopes.Admin], null, "acme", out AcmeSecret);
    private static readonly CallerKey GlobexKey = CallerKey.Create("globexonly-boss", [CallerScopes.Admin], null, "globex", out GlobexSecret);
    private static readonly string AcmeSecret;
    private static readonly string GlobexSecret;

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_screen_shows_a_tenant_anything_of_another()
    {
        // What is the other's is not there: 404.
        ExpectsRefusals = true;
        await using var host = await PageHost.StartAsync(
            hasDemo: false, configure: static options => options.Keys = $"{AcmeKey}\n{GlobexKey}", services: static services => services.Configure<RcaTenantsOptions>(static options => options.Names = "acme,globex"));
        using var acmeClient = new HttpClient(new KeyUnlessSession(AcmeSecret)) { BaseAddress = new Uri(host.Address) };
        using var globexClient = new HttpClient(new KeyUnlessSession(GlobexSecret)) { BaseAddress = new Uri(host.Address) };
        var (acme, globex) = (new TenantSide(acmeClient, "acmeonly", AcmeSecret), new TenantSide(globexClient, "globexonly", GlobexSecret));
        await acme.FillAsync(TestToken);
        await globex.FillAsync(TestToken);
        var page = await OpenAsync(host.Address + "/", "dialog.key input");
        HashSet<string> walked = [];

        // One after the other in the same browser: who signs out leaves nothing behind.
        foreach (var (own, other) in ((TenantSide, TenantSide)[])[(acme, globex), (globex, acme)])
        {
            await page.FillAsync("dialog.key input", own.Key);
            await page.ClickAsync("dialog.key button");
            await Expect(page.Locator(".incident").First).ToContainTextAsync(own.Mark);
            foreach (var side in (TenantSide[])[own, other])
            {
                foreach (var address in Addresses(side))
                {
                    walked.Add(Screen().Match(address).Value);
                    await page.EvaluateAsync("hash => location.hash = hash", address);
                    await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
                    await Expect(page.Locator("main h1, main h2").First).ToBeVisibleAsync();
                    var shown = await page.EvaluateAsync<string>("document.title + document.documentElement.outerHTML");
                    Assert.False(shown.Contains(other.Mark, StringComparison.OrdinalIgnoreCase), $"{address} shows {own.Mark} what is {other.Mark}'s.");
                    if (side == own && !address.StartsWith("#verify", StringComparison.Ordinal))
                    {
                        await Expect(page.Locator("main")).ToContainTextAsync(own.Mark);
                    }
                }
            }

            await page.EvaluateAsync("location.hash = '#incidents'");
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign out", Exact = true }).ClickAsync();
            await page.Locator("dialog.key input").WaitForAsync();
        }

        var app = await page.EvaluateAsync<string>("async () => await (await fetch(new URL('app.js', [...document.scripts].find(script => script.src).src))).text()");
        Assert.Equal(Name().Matches(Screens().Match(app).Groups[1].Value).Select(static match => match.Groups[1].Value).Order(StringComparer.Ordinal), walked.Select(static screen => screen[1..]).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Addresses(TenantSide side) =>
    [
        "#incidents", "#incidents?q=order", "#patterns", "#verify",
        .. side.Incidents.Take(3).Select(static id => $"#incident/{id}"),
        $"#incident/{side.Incidents[1]}/evidence/E1", $"#incident/{side.Incidents[1]}/span/{side.Spans[4]}", $"#incident/{side.Incidents[1]}?report={side.Reports[side.Incidents[1]]}",
        $"#compare/{side.Incidents[1]}/{side.Incidents[2]}",
    ];

    [GeneratedRegex("^#[a-z]+")]
    private static partial Regex Screen();

    [GeneratedRegex(@"const screens = \{([^}]*)\}")]
    private static partial Regex Screens();

    [GeneratedRegex(@"(\w+): ""rca-")]
    private static partial Regex Name();
}
