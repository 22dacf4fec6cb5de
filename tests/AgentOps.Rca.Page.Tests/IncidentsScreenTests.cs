using static Microsoft.Playwright.Assertions;

namespace AgentOps.Rca.Page.Tests;

public sealed class IncidentsScreenTests(ChromiumBrowser browser) : PageTests(browser)
{
    [Fact]
    public async Task Incidents_are_listed_newest_first_with_their_cause()
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync(host.Address + "/", ".incident");

        await Expect(page.Locator(".incident")).ToHaveCountAsync(3);
        await Expect(page.Locator(".incident .order")).ToHaveTextAsync(["RTM-1/2026-05-19", "TR-3381", "A-20417"]);
        await Expect(page.Locator(".incident .cause").Last).ToContainTextAsync("tool.call/carrier.create_shipment failed 6 times");
        await Expect(page.Locator(".incident .sure").Last).ToContainTextAsync("75 %");

        await page.Locator(".incident").Last.ClickAsync();
        await Expect(page.Locator(".root-cause")).ToContainTextAsync("rate limit was exceeded");
        Assert.Contains($"#incident/{PageHost.FirstId}", page.Url, StringComparison.Ordinal);
        await page.GoBackAsync();
        await Expect(page.Locator(".incident")).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task Filters_live_in_the_address()
    {
        await using var host = await PageHost.StartAsync();
        var page = await OpenAsync(host.Address + "/#incidents?q=TR-3381", ".incident");
        await Expect(page.Locator(".incident .order")).ToHaveTextAsync(["TR-3381"]);

        await page.FillAsync("input[name=q]", "");
        await page.SelectOptionAsync("select[name=verdict]", "none");
        await Expect(page.Locator(".foot")).ToHaveTextAsync("No incident fits these filters.");
        Assert.EndsWith("#incidents?verdict=none", page.Url, StringComparison.Ordinal);

        await page.SelectOptionAsync("select[name=verdict]", "identified");
        await page.FillAsync("input[name=tool]", "tool.call/rules.fetch");
        await Expect(page.Locator(".incident .order")).ToHaveTextAsync(["RTM-1/2026-05-19"]);
        await page.ReloadAsync();
        await Expect(page.Locator(".incident .order")).ToHaveTextAsync(["RTM-1/2026-05-19"]);
        await Expect(page.Locator("input[name=tool]")).ToHaveValueAsync("tool.call/rules.fetch");
    }

    [Fact]
    public async Task Pages_follow_as_one_scrolls_and_a_new_incident_appears_by_itself()
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        for (var i = 0; i < 130; i++)
        {
            await host.OpenAsync($"O-{i}");
        }

        var page = await OpenAsync(host.Address + "/", ".incident");
        for (var i = 0; i < 100 && await page.Locator(".incident").CountAsync() < 130; i++)
        {
            await page.Mouse.WheelAsync(0, 4_000);
            await page.WaitForTimeoutAsync(100);
        }

        await Expect(page.Locator(".foot")).ToHaveTextAsync("These are all.");
        Assert.Equal(130, (await page.Locator(".incident .order").AllTextContentsAsync()).Distinct().Count());

        await host.OpenAsync("the new one");
        await Expect(page.Locator(".incident .order").First).ToHaveTextAsync("the new one", new() { Timeout = 30_000 });
        await Expect(page.Locator("#announcements")).ToHaveTextAsync("1 new incident.");
    }

    [Fact]
    public async Task Where_nothing_is_yet_the_page_says_what_to_send()
    {
        await using var host = await PageHost.StartAsync(hasDemo: false);
        var page = await OpenAsync(host.Address + "/", ".empty");

        await Expect(page.Locator(".empty")).ToContainTextAsync($"export OTEL_EXPORTER_OTLP_ENDPOINT={host.Address}");
        await page.Locator(".empty button").First.ClickAsync();
        await Expect(page.Locator(".empty button").First).ToHaveTextAsync("Copied.");
        Assert.Contains("OTEL_EXPORTER_OTLP_ENDPOINT", await page.EvaluateAsync<string>("navigator.clipboard.readText()"), StringComparison.Ordinal);
    }
}
